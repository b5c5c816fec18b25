// Asks for what the window draws first, before the window itself is here.

import type { About, Answer, Backend, Command, Request } from './backend';

type Question = { [C in Command]: [command: C, request: Request<C>] }[Command];

/** What an office that is open is asked for first, as the window does it. */
const first = (practice: boolean): Question[] => [
  ['conversations', { filter: 'all', from: 0, limit: 50 }],
  ['lines', {}],
  ['settings', {}],
  ['health', {}],
  // Nobody is led to a practice line.
  ...(practice ? [] : ([['setup', {}]] satisfies Question[])),
];

/** The same backend, asked already. Each answer is given once; whoever asks again asks anew. */
export function ahead(backend: Backend): Backend {
  const answers = new Map<string, Promise<unknown>>();
  const keyOf = (...question: [Command, unknown]) => JSON.stringify(question);
  let about: Promise<About> | null = backend.about();
  about
    .then(({ stage, practice }) => {
      if (stage !== 'open') return;
      for (const [command, request] of first(practice)) {
        const answer = backend.call(command, request);
        answers.set(keyOf(command, request), answer);
        // Said to whoever takes it.
        answer.catch(() => undefined);
      }
    })
    .catch(() => undefined);

  return {
    ...backend,
    about() {
      const asked = about;
      about = null;
      return asked ?? backend.about();
    },
    call<C extends Command>(command: C, request: Request<C>) {
      const key = answers.size > 0 ? keyOf(command, request) : '';
      const answer = answers.get(key);
      answers.delete(key);
      return (answer as Promise<Answer<C>> | undefined) ?? backend.call(command, request);
    },
    subscribe(after, told) {
      // From now on what nobody took may be out of date.
      answers.clear();
      return backend.subscribe(after, told);
    },
  };
}
