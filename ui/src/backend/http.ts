// The office of another process on this computer, over `ringdeskd serve --api`.

import { words } from '../words/en';
import { audioPlayer, handOver } from './audio';
import { isCommandError, type About, type Answer, type Backend, type Command } from './backend';
import type { Change, CommandError } from './generated/desk';

const TOKEN = 'ringdesk-token';
/** Milliseconds before asking again after the office did not answer. */
const PAUSE = 1_000;

/** Changes out of a stream of server-sent events, as they come in. */
export async function* changesOf(chunks: AsyncIterable<string>): AsyncGenerator<Change[]> {
  let rest = '';
  for await (const chunk of chunks) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    const changes = lines
      .filter((line) => line.startsWith('data:'))
      .map((line) => JSON.parse(line.slice(5)) as Change);
    if (changes.length > 0) yield changes;
  }
}

async function* texts(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield decoder.decode(value, { stream: true });
    }
  } finally {
    // One that tore cannot be.
    reader.cancel().catch(() => undefined);
  }
}

export function http(): Backend {
  const stored = () => localStorage.getItem(TOKEN) ?? '';
  const ask = (path: string, body?: unknown, token = stored()): Promise<Response> =>
    fetch(`/api${path}`, {
      ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
      headers: {
        Authorization: `Bearer ${token}`,
        'Content-Type': 'application/json',
      },
    });

  async function admitted(path: string, body?: unknown): Promise<Response> {
    const answer = await ask(path, body).catch((): never => {
      const away: CommandError = { code: 'away', ...words.away };
      throw away as unknown as Error;
    });
    if (answer.status === 401) {
      // The token is no longer the right one: it is asked for again.
      localStorage.removeItem(TOKEN);
      location.reload();
    }
    if (!answer.ok) {
      const told: unknown = await answer.json().catch(() => null);
      throw (isCommandError(told) ? told : { code: 'unknown', ...words.failed }) as unknown as Error;
    }
    return answer;
  }

  async function call<C extends Command>(command: C, request: unknown): Promise<Answer<C>> {
    return (await (await admitted(`/${command}`, request)).json()) as Answer<C>;
  }

  async function follow(after: number, told: (changes: Change[]) => void): Promise<never> {
    let seq = after;
    for (let again = false; ; again = true) {
      try {
        if (again) {
          // The office may have come back with older data, and counts from there: it would never reach
          // the number that was seen. Whatever is shown may be another.
          seq = Math.min(seq, (await call('conversations', { limit: 1 })).seq);
          told([]);
        }
        const answer = await admitted(`/changes?after=${seq}`);
        if (answer.body) {
          for await (const changes of changesOf(texts(answer.body))) {
            seq = changes.at(-1)?.seq ?? seq;
            told(changes);
          }
        }
      } catch {
        // The office restarts, or this computer slept: it is asked again.
      }
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
  }

  const pictures = new Map<string, Promise<string>>();
  async function about(): Promise<About> {
    const answer = stored() ? await ask('') : null;
    const stage = answer?.ok ? 'open' : 'token';
    return { version: '', stage, practice: false, trouble: null, known: true };
  }

  return {
    about,
    call,
    subscribe: (after, told) => {
      void follow(after, told);
      return Promise.resolve();
    },
    picture(attachment) {
      // An address alone cannot carry the token.
      const known = pictures.get(attachment);
      if (known) return known;
      const asked = admitted(`/media/${attachment}`)
        .then((answer) => answer.blob())
        .then((blob) => URL.createObjectURL(blob));
      pictures.set(attachment, asked);
      asked.catch(() => pictures.delete(attachment));
      return asked;
    },
    async saveFile(attachment) {
      handOver(await call('attachment_file', { attachment }));
      return null;
    },
    openLink(url) {
      const link = document.createElement('a');
      link.href = url;
      link.rel = 'noopener noreferrer';
      if (/^https?:/i.test(url)) link.target = '_blank';
      link.click();
      return Promise.resolve();
    },
    player: audioPlayer((voicemail) => call('voicemail_sound', { voicemail })),
    async admit(token) {
      // Nothing else can be sent in a header.
      if (!/^[!-~]+$/.test(token)) return false;
      const { ok } = await ask('', undefined, token);
      if (ok) localStorage.setItem(TOKEN, token);
      return ok;
    },
    desktop: null,
  };
}
