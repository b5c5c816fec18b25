// The line check-up: what was found, what is being mended, and where the window leads for what no press mends.

import { isCommandError } from '../backend/backend';
import type { Check, Checkup, CommandError, Conversation, Grade, Place } from '../backend/generated/desk';
import { words } from '../words/en';
import { headline, health as said, heard } from '../words/health';
import type { Office, sections } from './office.svelte';

/** What was refused, or a word for what went wrong otherwise. */
const refusal = (error: unknown): CommandError =>
  isCommandError(error) ? error : { code: 'unknown', ...words.failed };

/** A card of Settings, Lines. */
export type LinePart = 'account' | 'numbers' | 'address' | 'backup' | 'history' | 'token';

/** Where a place of a fix is in the window. */
export type Lead =
  | { to: 'settings'; section: (typeof sections)[number]; part: LinePart | null }
  | { to: 'log' }
  | { to: 'unsettled' }
  | { to: 'account' };

const line = (part: LinePart): Lead => ({ to: 'settings', section: 'line', part });
const section = (section: (typeof sections)[number]): Lead => ({ to: 'settings', section, part: null });

export const leads: Record<Place, Lead> = {
  account: { to: 'account' },
  token: line('token'),
  address: line('address'),
  lines: line('numbers'),
  backup: line('backup'),
  webhooks: { to: 'log' },
  unsettled: { to: 'unsettled' },
  notifications: section('notifications'),
  sound: section('voicemail'),
  running: section('look'),
};

/** Places only the program's own window has. */
const DESKTOP_ONLY: ReadonlySet<Place> = new Set<Place>(['account', 'token', 'running']);

/** Whether a check can be mended, or its place shown, in this window. */
export const canFix = ({ fix }: Check, desktop: boolean) =>
  fix !== null && (fix.place === null || desktop || !DESKTOP_ONLY.has(fix.place));

const RANK: Record<Grade, number> = { fail: 0, warn: 1, pass: 2, unknown: 3 };

/** The worst first, and among equals in the order of a line's life. */
export const ranked = (checks: readonly Check[]): Check[] =>
  [...checks].sort((a, b) => RANK[a.grade] - RANK[b.grade]);

/** What was found anew in the old places, and what is new after it. */
function inPlace(shown: readonly Check[], found: readonly Check[]): Check[] {
  const kept = shown.flatMap(({ id }) => found.find((one) => one.id === id) ?? []);
  return [...kept, ...found.filter(({ id }) => !shown.some((one) => one.id === id))];
}

/** Whether a conversation's newest text is ours and did not get away. */
export function isUnsettled({ last }: Pick<Conversation, 'last'>): boolean {
  return (
    last !== null && !last.incoming && (last.failed || ['send_unknown', 'waiting'].includes(last.status))
  );
}

/** The check-up of one office's line. */
export class LineCheck {
  readonly #office: Office;
  /** What of it is shown. */
  page = $state<'checkup' | 'log'>('checkup');
  checkup = $state.raw<Checkup | null>(null);
  /** What was found. Rows keep their places until the owner has the line looked over again. */
  checks = $state.raw<readonly Check[]>([]);
  running = $state(false);
  problem = $state.raw<CommandError | null>(null);
  /** The check that is being mended. */
  fixing = $state<string | null>(null);
  /** What could not be mended, and why. */
  refused = $state.raw<{ check: string; why: CommandError } | null>(null);
  /** What came of it, for who cannot see it. */
  said = $state('');
  /** The card of Settings, Lines, that is to be shown. */
  part = $state<LinePart | null>(null);

  constructor(office: Office) {
    this.#office = office;
  }

  /** The worst that was found. */
  get worst(): Grade | null {
    return ranked(this.checks)[0]?.grade ?? null;
  }

  get headline(): string {
    return headline(this.checks.map(({ grade }) => grade));
  }

  /** Looks the line over. `own`: the owner asked for it, and waits for the answer. */
  async look(own = true): Promise<void> {
    if (this.running || this.fixing !== null) return;
    this.running = true;
    try {
      const checkup = await this.#office.backend.call('doctor', { live: true });
      this.checks =
        own || this.checks.length === 0 ? ranked(checkup.checks) : inPlace(this.checks, checkup.checks);
      this.checkup = checkup;
      this.problem = null;
      this.refused = null;
      if (own) this.said = this.headline;
    } catch (error) {
      if (own) this.problem = refusal(error);
    } finally {
      this.running = false;
    }
  }

  /** Mends what a check found, and shows how it is after. */
  async fix({ id }: Check): Promise<void> {
    if (this.running || this.fixing !== null) return;
    this.fixing = id;
    this.refused = null;
    this.said = said.fixing;
    try {
      const check = await this.#office.backend.call('fix', { check: id });
      this.checks = this.checks.map((one) => (one.id === id ? check : one));
      this.said = heard(check);
      this.#office.refresh();
    } catch (error) {
      this.said = '';
      this.refused = { check: id, why: refusal(error) };
    } finally {
      this.fixing = null;
    }
  }

  /** Shows a part of it. */
  show(page: 'checkup' | 'log'): void {
    this.page = page;
    this.#office.section = 'health';
  }

  /** Shows a card of Settings, Lines. */
  configure(part: LinePart): void {
    this.part = part;
    this.#office.configure('line');
  }
}

const checks = new WeakMap<Office, LineCheck>();

/** The one check-up of an office: whoever leads to it means the one the window shows. */
export function lineCheckOf(office: Office): LineCheck {
  const known = checks.get(office) ?? new LineCheck(office);
  checks.set(office, known);
  return known;
}
