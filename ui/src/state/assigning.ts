// Who is to see to a conversation: what can be chosen, and choosing it.

import { isCommandError } from '../backend/backend';
import type { Colleague, CommandError, Conversation } from '../backend/generated/desk';
import { dialogs } from '../words/dialogs';
import { words } from '../words/en';
import type { Office } from './office.svelte';

const said = dialogs.assign;

/** Somebody who can see to it: a colleague, one who is added for it, or nobody. */
export type Choice =
  { key: 'nobody' } | { key: 'new'; name: string } | { key: `known-${string}`; colleague: Colleague };

/** As a name is kept: one space between its words. */
const tidy = (typed: string) => typed.trim().replace(/\s+/g, ' ');
/** The same in capital and small letters. */
const folded = (name: string) => name.toLowerCase();
/** The same without what stands above letters, which not every keyboard has. */
const bare = (name: string) => folded(name.normalize('NFD').replace(/\p{M}/gu, ''));

/** What can be chosen for what was typed. */
export function choices(known: Colleague[], assigned: Colleague | null, typed: string): Choice[] {
  const name = tidy(typed);
  const wanted = bare(name);
  const fitting = known.filter((one) => bare(one.name).includes(wanted));
  const taken = [said.nobody, ...known.map((one) => one.name)].map(folded);
  return [
    ...(assigned && bare(said.nobody).startsWith(wanted) ? [{ key: 'nobody' as const }] : []),
    ...fitting.map((colleague) => ({ key: `known-${colleague.id}` as const, colleague })),
    ...(name && !taken.includes(folded(name)) ? [{ key: 'new' as const, name }] : []),
  ];
}

/** What is chosen until somebody says otherwise: as it is, or else a colleague; never nobody by haste. */
export function first(all: Choice[], assigned: Colleague | null, typed: string): Choice | undefined {
  const known = all.filter((one) => 'colleague' in one);
  const now = typed.trim() === '' ? known.find(({ colleague }) => colleague.id === assigned?.id) : undefined;
  return now ?? known[0] ?? all[0];
}

/** Assigns a conversation, and says so with a way back. Answers what was refused. */
export async function assign(
  office: Office,
  { id, assigned }: Conversation,
  choice: Choice,
): Promise<CommandError | null> {
  const turn = (to: Colleague | null) => office.backend.call('assign', { id, to: to?.id ?? null });
  try {
    const to =
      choice.key === 'nobody'
        ? null
        : 'colleague' in choice
          ? choice.colleague
          : await office.backend.call('add_colleague', { name: choice.name });
    if (to?.id === assigned?.id) return null;
    await turn(to);
    office.notice = null;
    office.undoable = {
      said: to ? `${words.assignedTo(to.name)}.` : said.nobodys,
      undo: () => turn(assigned),
    };
    return null;
  } catch (error) {
    return isCommandError(error) ? error : { code: 'unknown', ...words.failed };
  }
}
