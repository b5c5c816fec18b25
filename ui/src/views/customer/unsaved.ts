// Notes that could not be saved: whoever comes back to the customer finds them as they were typed.

import type { Office } from '../../state/office.svelte';

const all = new WeakMap<Office, Map<string, string>>();

/** Of each window's conversations, what was typed and is not saved yet. */
export function unsavedNotes(office: Office): Map<string, string> {
  const known = all.get(office) ?? new Map<string, string>();
  all.set(office, known);
  return known;
}
