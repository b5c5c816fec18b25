// The people conversations are assigned to, as their list shows them.

import type { Backend } from '../../backend/backend';
import type { Colleague } from '../../backend/generated/desk';

/** Rows asked for at once: as many as are given. */
const PART = 500;

/** Whoever was shown before stays at their place, whatever they are called by now: somebody may be at them. */
export function inPlace(now: Colleague[], before: Colleague[]): Colleague[] {
  const places = new Map(before.map(({ id }, at) => [id, at]));
  const place = ({ id }: Colleague) => places.get(id) ?? before.length;
  return now.toSorted((a, b) => place(a) - place(b));
}

/** How many conversations are somebody's, also of those that are put away. */
export async function theirs(backend: Backend, id: string): Promise<number> {
  let count = 0;
  for (const filter of ['all', 'done'] as const) {
    for (let from = 0, total = 1; from < total; from += PART) {
      const part = await backend.call('conversations', { filter, from, limit: PART });
      total = part.total;
      count += part.conversations.filter(({ assigned }) => assigned?.id === id).length;
    }
  }
  return count;
}
