// Notes that could not be saved: whoever comes back to the customer finds them as they were typed.

import type { Office } from '../../state/office.svelte';

export interface Unsaved {
  /** What was typed. */
  words: string;
  /** What is stored, as far as whoever typed could see. */
  over: string;
  /** Those that are on their way, and whether they were kept. */
  going: { words: string; kept: Promise<boolean> } | null;
}

const all = new WeakMap<Office, Map<string, Unsaved>>();

/** Of each window's conversations, what was typed and is not saved yet. */
export function unsavedNotes(office: Office): Map<string, Unsaved> {
  const known = all.get(office) ?? new Map<string, Unsaved>();
  all.set(office, known);
  return known;
}
