// The line check-up: what was found, what is being mended, and where the window leads for what no press mends.
// And the log of what Twilio sent.

import { isCommandError, type Backend } from '../backend/backend';
import type {
  Check,
  Checkup,
  CommandError,
  Conversation,
  Grade,
  Place,
  Webhook,
  WebhookState,
} from '../backend/generated/desk';
import { words } from '../words/en';
import { headline, health as said, heard } from '../words/health';
import type { Office, sections } from './office.svelte';
import { Turns } from './turns';

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

export type LogFilter = 'all' | Exclude<WebhookState, 'applied'>;
export const logFilters = ['all', 'failed', 'quarantined'] as const satisfies LogFilter[];

/** Requests asked for at once, and the most that are asked for again. */
const PAGE = 50;
const MOST = 500;

/** New contents in the old places. */
function renewed(shown: readonly Webhook[], known: readonly Webhook[]): Webhook[] {
  const news = new Map(known.map((row) => [row.seq, row]));
  return shown.map((row) => news.get(row.seq) ?? row);
}

/** What Twilio sent. While somebody points at it, rows change in place but none moves. */
export class WebhookLog {
  filter = $state<LogFilter>('all');
  /** What is shown, newest first. */
  rows = $state.raw<readonly Webhook[]>([]);
  /** Whether there are older ones. */
  more = $state(false);
  loaded = $state(false);
  failed = $state(false);
  /** Whether what came since waits until nobody points at the log. */
  later = $state(false);
  /** Whether older ones are being asked for. */
  reaching = $state(false);
  /** The request that is tried again. */
  trying = $state<number | null>(null);
  /** What could not be tried again, and why. */
  refused = $state.raw<{ seq: number; why: CommandError } | null>(null);
  /** What came of trying again, for who cannot see it. */
  said = $state('');

  readonly #backend: Backend;
  readonly #turns = new Turns((own) => this.#once(own));
  #known: readonly Webhook[] = [];
  #held = false;

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  /** Shows others of them. Where that goes wrong, `failed` says so. */
  async choose(filter: LogFilter): Promise<void> {
    this.filter = filter;
    this.#known = [];
    this.rows = [];
    this.loaded = false;
    this.refused = null;
    await this.load(true).catch(() => undefined);
  }

  /** Somebody points at the log, or no longer does. */
  hold(held: boolean): void {
    this.#held = held;
    if (!held) this.#show(true);
  }

  /** Asks again for what is loaded. What the owner did themselves is shown at once (`own`). */
  load(own = false): Promise<void> {
    return this.#turns.ask(own);
  }

  /** Loads what came before what is loaded. */
  async earlier(): Promise<void> {
    const last = this.#known.at(-1);
    if (!last || !this.more || this.reaching) return;
    const { filter } = this;
    this.reaching = true;
    try {
      const part = await this.#ask(PAGE, last.seq);
      // Others may have been chosen meanwhile.
      if (filter !== this.filter || this.#known.at(-1)?.seq !== last.seq) return;
      this.#known = [...this.#known, ...part];
      this.more = part.length === PAGE;
      this.rows = [...this.rows, ...part];
    } finally {
      this.reaching = false;
    }
  }

  /** Tries again what could not be stored, and shows how it is after. */
  async tryAgain(seq: number): Promise<void> {
    if (this.trying !== null) return;
    this.trying = seq;
    this.refused = null;
    this.said = '';
    try {
      const after = await this.#backend.call('replay_webhook', { seq });
      const put = (row: Webhook) => (row.seq === seq ? after : row);
      this.#known = this.#known.map(put);
      this.rows = this.rows.map(put);
      this.said = after.state === 'applied' ? said.webhooks.stored : said.webhooks.notStored;
    } catch (error) {
      this.refused = { seq, why: refusal(error) };
    } finally {
      this.trying = null;
    }
  }

  async #ask(limit: number, before?: number): Promise<Webhook[]> {
    const { filter } = this;
    const answer = await this.#backend.call('webhooks', {
      limit,
      ...(filter !== 'all' && { state: filter }),
      ...(before !== undefined && { before }),
    });
    return answer.webhooks;
  }

  async #once(own: boolean): Promise<void> {
    const { filter } = this;
    const limit = Math.min(MOST, Math.max(PAGE, this.#known.length));
    try {
      const part = await this.#ask(limit);
      // Others were chosen meanwhile; their answer follows.
      if (filter !== this.filter) return;
      const full = part.length === limit;
      const last = part.at(-1)?.seq ?? 0;
      const rest = full ? this.#known.filter(({ seq }) => seq < last) : [];
      this.more = rest.length > 0 ? this.more : full;
      this.#known = [...part, ...rest];
    } catch (error) {
      this.failed = true;
      throw error;
    }
    this.#show(own || !this.loaded);
    this.loaded = true;
    this.failed = false;
  }

  #show(own: boolean): void {
    if (own || !this.#held || this.rows.length === 0) {
      this.rows = this.#known;
    } else {
      this.rows = renewed(this.rows, this.#known);
    }
    const known = this.#known;
    this.later = this.rows.length !== known.length || this.rows.some(({ seq }, n) => seq !== known[n]?.seq);
  }
}
