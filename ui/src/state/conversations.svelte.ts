/* eslint-disable svelte/prefer-svelte-reactivity -- each map is replaced whole, none changes once it is shown */
// A list of any length of which only what is near the eye is held. While somebody points at it, rows
// change in place but none moves: what they are about to press stays where it is.

import type { Backend } from '../backend/backend';
import type { Conversation, ConversationList, Filter } from '../backend/generated/desk';
import { Turns } from './turns';

/** Rows asked for at once. */
const PART = 50;
/** Rows held above and below what is seen, at most. */
const KEPT = 200;

export class Conversations {
  filter = $state<Filter>('all');
  /** Of this line only, or of all. */
  line = $state<string | null>(null);
  total = $state(0);
  unread = $state(0);
  waiting = $state(0);
  missed = $state(0);
  /** Voicemails nobody listened to. */
  unheard = $state(0);
  loaded = $state(false);
  /** Whether what came since waits until nobody points at the list. */
  later = $state(false);

  readonly #backend: Backend;
  /** Rows by place. */
  #rows = $state.raw<ReadonlyMap<number, Conversation>>(new Map());
  #next: { rows: ReadonlyMap<number, Conversation>; total: number } | null = null;
  #seen = { from: 0, to: 0 };
  #held = false;
  readonly #turns = new Turns((own) => this.#once(own));

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  /** The row at a place, where it is held. */
  at(place: number): Conversation | undefined {
    return this.#rows.get(place);
  }

  /** Where a conversation stands, if it is held. */
  placeOf(id: string): number | null {
    for (const [place, row] of this.#rows) if (row.id === id) return place;
    return null;
  }

  async choose(filter: Filter, line: string | null = this.line): Promise<void> {
    this.filter = filter;
    this.line = line;
    this.#seen = { from: 0, to: 0 };
    this.#next = null;
    this.later = false;
    await this.load(true);
  }

  /** Says which places are on the screen; loads what is missing there. */
  async look(from: number, to: number): Promise<void> {
    this.#seen = { from, to };
    for (let place = Math.max(0, from); place <= Math.min(to, this.total - 1); place++) {
      if (this.#rows.has(place)) continue;
      await this.load();
      return;
    }
  }

  /** Loads the row at a place beside what is on the screen. */
  async reach(place: number): Promise<void> {
    if (this.#rows.has(place)) return;
    const { from, to } = this.#seen;
    const near = place >= from - KEPT && place <= to + KEPT;
    await (near ? this.look(Math.min(from, place), Math.max(to, place)) : this.look(place, place));
  }

  /** Somebody points at the list, or no longer does. */
  hold(held: boolean): void {
    this.#held = held;
    if (!held) this.#settle();
  }

  /**
   * Asks again for what is on the screen. Gives the Change it is not older than. What the owner did
   * themselves is shown at once (`own`).
   */
  load(own = false): Promise<number> {
    return this.#turns.ask(own);
  }

  async #once(own: boolean): Promise<number> {
    const { filter, line } = this;
    const first = Math.floor(this.#seen.from / PART);
    const last = Math.floor(this.#seen.to / PART);
    const parts = await Promise.all(
      Array.from({ length: last - first + 1 }, (_, n) =>
        this.#backend.call('conversations', {
          filter,
          ...(line && { line }),
          from: (first + n) * PART,
          limit: PART,
        }),
      ),
    );
    const [part] = parts as [ConversationList, ...ConversationList[]];
    // Another list was chosen meanwhile; its answer follows.
    if (filter !== this.filter || line !== this.line) return part.seq;
    this.unread = part.unread;
    this.waiting = part.waiting;
    this.missed = part.missed;
    this.unheard = part.unheard;
    const rows = new Map<number, Conversation>();
    parts.forEach(({ conversations }, n) =>
      conversations.forEach((row, m) => rows.set((first + n) * PART + m, row)),
    );
    this.#next = { rows, total: part.total };
    if (this.#held && !own && this.loaded && this.#rows.size > 0) this.#change(rows);
    else this.#settle();
    this.loaded = true;
    return part.seq;
  }

  /** New contents in the old places; places that were not held yet are filled in. */
  #change(rows: ReadonlyMap<number, Conversation>): void {
    const news = new Map([...rows.values()].map((row) => [row.id, row]));
    const near = (place: number) => place >= this.#seen.from - KEPT && place <= this.#seen.to + KEPT;
    const held = new Map(
      [...this.#rows]
        .filter(([place]) => near(place))
        .map(([place, row]) => [place, news.get(row.id) ?? row]),
    );
    const shown = new Set([...held.values()].map((row) => row.id));
    for (const [place, row] of rows) if (!held.has(place) && !shown.has(row.id)) held.set(place, row);
    this.#rows = held;
    this.later = [...rows].some(([place, row]) => held.get(place)?.id !== row.id);
    if (!this.later) this.#settle();
  }

  #settle(): void {
    if (!this.#next) return;
    this.#rows = this.#next.rows;
    this.total = this.#next.total;
    this.#next = null;
    this.later = false;
  }
}
