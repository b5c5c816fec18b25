// Voicemails: what is loaded of the list, and the one that is open. While somebody points at the list, rows
// change in place but none moves. What is open stays in the list until another is opened, even when it no
// longer fits: hearing a message must not take it away.

import { SvelteMap } from 'svelte/reactivity';
import { isCommandError, type Backend, type Request } from '../backend/backend';
import type { Call, Voicemail, VoicemailCounts } from '../backend/generated/desk';
import { Turns } from './turns';

export type VoicemailFilter = NonNullable<Request<'voicemails'>['filter']>;
export const voicemailFilters = ['all', 'unheard', 'waiting'] as const satisfies VoicemailFilter[];

/** Voicemails asked for at once. */
const PAGE = 50;
/** Rows before the end at which older ones are asked for. */
const AHEAD = 10;
/** More than can have been left on one line in the same millisecond. */
const AT_ONCE = 10;

const isOlder = (one: Voicemail, than: Voicemail) =>
  one.at < than.at || (one.at === than.at && one.id < than.id);

/** One more in its place among others, newest first. */
function among(all: readonly Voicemail[], one: Voicemail): Voicemail[] {
  const at = all.findIndex((other) => isOlder(other, one));
  return at < 0 ? [...all, one] : [...all.slice(0, at), one, ...all.slice(at)];
}

export class Voicemails {
  filter = $state<VoicemailFilter>('all');
  /** Words that were said, or part of a name or number. */
  sought = $state('');
  /** What is shown, newest first. */
  rows = $state.raw<readonly Voicemail[]>([]);
  counts = $state.raw<VoicemailCounts>({ total: 0, unheard: 0, waiting: 0 });
  /** Whether there are older ones. */
  more = $state(false);
  loaded = $state(false);
  failed = $state(false);
  /** Whether what came since waits until nobody points at the list. */
  later = $state(false);
  openId = $state<string | null>(null);
  open = $state.raw<Voicemail | null>(null);
  /** What is being written instead of what was written down, by voicemail. */
  readonly edits = new SvelteMap<string, string>();

  readonly #backend: Backend;
  readonly #turns = new Turns((own) => this.#once(own));
  /** Everything that is loaded, newest first. */
  #known: readonly Voicemail[] = [];
  #line: string | null = null;
  #held = false;
  #reaching = false;

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  /** Shows others of them. Where that goes wrong, `failed` says so. */
  async choose(filter: VoicemailFilter, line: string | null = this.#line): Promise<void> {
    this.filter = filter;
    this.#line = line;
    await this.#anew();
  }

  /** Looks for words, a name or a number. */
  async look(sought: string): Promise<void> {
    this.sought = sought;
    await this.#anew();
  }

  /** Somebody points at the list, or no longer does. */
  hold(held: boolean): void {
    this.#held = held;
    if (!held) this.#show();
  }

  /** Asks again for what is loaded. What the owner did themselves is shown at once (`own`). */
  load(own = false): Promise<void> {
    return this.#turns.ask(own);
  }

  /** Opens one; what is known of it is shown at once. */
  async show(id: string | null): Promise<void> {
    this.openId = id;
    this.open = this.rows.find((one) => one.id === id) ?? null;
    if (id && !this.open) await this.#reopen();
  }

  /** What was left in a call; null where it was deleted. */
  async leftIn({ id, at, line }: Pick<Call, 'id' | 'at' | 'line'>): Promise<Voicemail | null> {
    // It is as old as its call: among the newest before the next millisecond, whatever their ids.
    const before = { at: at + 1, id };
    const found = await this.#backend.call('voicemails', { filter: 'all', limit: AT_ONCE, line, before });
    return found.find((one) => one.call === id) ?? null;
  }

  /** Where the open one stands in the list, from 0; -1 where it does not. */
  get place(): number {
    return this.rows.findIndex((one) => one.id === this.openId);
  }

  /** How many there are to go through; more than are loaded may be. */
  get count(): { n: number; more: boolean } {
    const n = this.rows.length;
    if (!this.more) return { n, more: false };
    if (this.sought.trim() || this.#line) return { n, more: true };
    return { n: Math.max(n, this.counts[this.filter === 'all' ? 'total' : this.filter]), more: false };
  }

  /** Opens the one below (older, 1) or above (newer, -1) in the list. */
  async step(by: 1 | -1): Promise<void> {
    const { place } = this;
    const next = place < 0 ? 0 : place + by;
    if (next >= this.rows.length - AHEAD) await this.earlier();
    const one = this.rows[next];
    if (one) await this.show(one.id);
  }

  /** The one to go on with when one is gone. */
  beside(id: string): Voicemail | null {
    const at = this.rows.findIndex((one) => one.id === id);
    return at < 0 ? null : (this.rows[at + 1] ?? this.rows[at - 1] ?? null);
  }

  /** Loads those before the ones that are loaded. */
  async earlier(): Promise<void> {
    const last = this.#known.at(-1);
    if (!last || !this.more || this.#reaching) return;
    this.#reaching = true;
    try {
      const part = await this.#part(last);
      // Others may have been chosen, or come, meanwhile.
      if (this.#known.at(-1)?.id !== last.id) return;
      this.#known = [...this.#known, ...part];
      this.more = part.length === PAGE;
      this.#show();
    } finally {
      this.#reaching = false;
    }
  }

  async #anew(): Promise<void> {
    this.#known = [];
    this.loaded = false;
    await this.load(true).catch(() => undefined);
  }

  #part(before?: Voicemail): Promise<Voicemail[]> {
    const search = this.sought.trim();
    return this.#backend.call('voicemails', {
      filter: this.filter,
      limit: PAGE,
      ...(search && { search }),
      ...(this.#line && { line: this.#line }),
      ...(before && { before: { at: before.at, id: before.id } }),
    });
  }

  #choice(): string {
    return JSON.stringify([this.filter, this.#line, this.sought.trim()]);
  }

  async #once(own: boolean): Promise<void> {
    const asked = this.#choice();
    const wanted = Math.max(PAGE, this.#known.length);
    const counting = this.#backend.call('voicemail_counts', {});
    // Where it fails, so does what is awaited below.
    counting.catch(() => undefined);
    const parts: Voicemail[] = [];
    let more = true;
    try {
      while (more && parts.length < wanted) {
        const part = await this.#part(parts.at(-1));
        // Others were chosen meanwhile; their answer follows.
        if (asked !== this.#choice()) return;
        parts.push(...part);
        more = part.length === PAGE;
      }
      this.counts = await counting;
      await this.#refresh(parts);
    } catch (error) {
      this.failed = true;
      // What is shown is of another choice.
      if (!this.loaded) this.rows = [];
      throw error;
    }
    if (asked !== this.#choice()) return;
    const last = parts.at(-1);
    const rest = more && last ? this.#known.filter((one) => isOlder(one, last)) : [];
    this.more = rest.length > 0 ? this.more : more;
    const known = [...parts, ...rest];
    const stays = this.#stays(known);
    this.#known = stays ? among(known, stays) : known;
    this.#show(own || !this.loaded);
    this.loaded = true;
    this.failed = false;
  }

  /** The open one, where it was in the list and no longer fits. */
  #stays(known: readonly Voicemail[]): Voicemail | null {
    const { open } = this;
    const was = open && this.loaded && this.rows.some((one) => one.id === open.id);
    return was && !known.some((one) => one.id === open.id) ? open : null;
  }

  /** The open one as it is now. */
  async #refresh(known: readonly Voicemail[]): Promise<void> {
    const { openId } = this;
    const fresh = known.find((one) => one.id === openId);
    if (fresh) this.open = fresh;
    else if (openId) await this.#reopen();
  }

  async #reopen(): Promise<void> {
    const { openId } = this;
    if (!openId) return;
    try {
      const open = await this.#backend.call('voicemail', { voicemail: openId });
      if (openId === this.openId) this.open = open;
    } catch (error) {
      if (!isCommandError(error) || error.code !== 'not_found') throw error;
      // It was deleted, here or in another window.
      if (openId === this.openId) this.openId = this.open = null;
    }
  }

  #show(own = false): void {
    const held = this.#held && !own && this.rows.length > 0;
    const rows = held ? inPlace(this.rows, this.#known) : this.#known;
    this.rows = rows;
    this.later = rows.length !== this.#known.length || rows.some((one, n) => one.id !== this.#known[n]?.id);
  }
}

/** New contents in the old places, and after them what is older. */
function inPlace(shown: readonly Voicemail[], known: readonly Voicemail[]): Voicemail[] {
  const news = new Map(known.map((one) => [one.id, one]));
  const last = shown.at(-1);
  const after = last ? known.filter((one) => isOlder(one, last)) : [];
  return [...shown.map((one) => news.get(one.id) ?? one), ...after];
}
