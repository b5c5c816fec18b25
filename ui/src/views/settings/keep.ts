// Settings whose refusal is shown beside the field instead of above everything.

import { isCommandError } from '../../backend/backend';
import type { CommandError } from '../../backend/generated/desk';
import type { Office } from '../../state/office.svelte';
import { words } from '../../words/en';

/** What was refused, or a word for what went wrong otherwise. */
export function problemOf(error: unknown): CommandError {
  return isCommandError(error) ? error : { code: 'unknown', ...words.failed };
}

/** Keeps settings. Says what was refused, for whoever shows it beside the field. */
export async function keep(office: Office, patch: Record<string, unknown>): Promise<CommandError | null> {
  office.saved = false;
  try {
    office.settings = await office.backend.call('apply_settings', patch);
    office.saved = true;
    return null;
  } catch (error) {
    return problemOf(error);
  }
}
