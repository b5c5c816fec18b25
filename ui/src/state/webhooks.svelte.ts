// The log of what Twilio sent.

import { isCommandError, type Backend } from '../backend/backend';
import type { CommandError, Webhook, WebhookState } from '../backend/generated/desk';
import { words } from '../words/en';
import { webhooks as said } from '../words/webhooks';
import { Turns } from './turns';

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
      this.said = after.state === 'applied' ? said.stored : said.notStored;
    } catch (error) {
      this.refused = { seq, why: isCommandError(error) ? error : { code: 'unknown', ...words.failed } };
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
