/* eslint-disable svelte/prefer-svelte-reactivity -- each map is replaced whole, none changes once it is shown */
// A list of any length of which only what is near the eye is held. While somebody points at it, rows
// change in place but none moves: what they are about to press stays where it is.

import type { Backend } from '../backend/backend';
import type { Conversation, Filter, FilterCounts } from '../backend/generated/desk';
import { Turns } from './turns';

/** Rows asked for at once. */
const PART = 50;
/** Rows held above and below what is seen, at most. */
const KEPT = 200;

/** Rows by place, and how many there are in all. */
interface Part {
  rows: ReadonlyMap<number, Conversation>;
  total: number;
}

const partOf = (place: number) => Math.floor(place / PART);

/** Rows in which what stayed as it is shown is the same: it is not drawn anew. */
function settled(rows: Conversation[], shown: Iterable<Conversation>): Conversation[] {
  const known = new Map([...shown].map((row) => [row.id, row]));
  return rows.map((row) => {
    const one = known.get(row.id);
    return one && JSON.stringify(one) === JSON.stringify(row) ? one : row;
  });
}

export class Conversations {
  filter = $state<Filter>('all');
  /** Of this line only, or of all. */
  line = $state<string | null>(null);
  total = $state(0);
  unread = $state(0);
  missed = $state(0);
  /** Voicemails nobody listened to. */
  unheard = $state(0);
  /** What the filters count, on the chosen line only. */
  counts = $state.raw<FilterCounts>({ unread: 0, waiting: 0, missed: 0 });
  loaded = $state(false);
  /** Whether what came since waits until nobody points at the list. */
  later = $state(false);

  readonly #backend: Backend;
  /** What is shown, by place. */
  #rows = $state.raw<Part['rows']>(new Map());
  /** What came since, where it waits. */
  #next: Part | null = null;
  #seen = { from: 0, to: 0 };
  #held = false;
  /** How often all that is on the screen was to be asked for, and which of these times was answered last. */
  #wanted = 0;
  #had = 0;
  /** The Change that the last answer is not older than. */
  #seq = 0;
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
    if (this.#missing().length > 0) await this.#turns.ask();
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
    this.#wanted += 1;
    return this.#turns.ask(own);
  }

  /** What the last answers say, shown or not. */
  get #known(): Part {
    return this.#next ?? { rows: this.#rows, total: this.total };
  }

  /** The parts that are on the screen. */
  #inSight(): number[] {
    const first = partOf(this.#seen.from);
    return Array.from({ length: partOf(this.#seen.to) - first + 1 }, (_, n) => first + n);
  }

  /** Those of which something is not known that is on the screen. */
  #missing(): number[] {
    const { rows, total } = this.#known;
    const parts = new Set<number>();
    for (let place = Math.max(0, this.#seen.from); place <= Math.min(this.#seen.to, total - 1); place++) {
      if (!rows.has(place)) parts.add(partOf(place));
    }
    return [...parts];
  }

  #isNear(place: number): boolean {
    return place >= this.#seen.from - KEPT && place <= this.#seen.to + KEPT;
  }

  async #once(own: boolean): Promise<number> {
    const { filter, line } = this;
    const wanted = this.#wanted;
    // One that failed, or was about another list, is still to be answered.
    const all = wanted !== this.#had;
    const asked = all ? this.#inSight() : this.#missing();
    if (asked.length === 0) return this.#seq;
    const parts = await Promise.all(
      asked.map((part) =>
        this.#backend.call('conversations', {
          filter,
          ...(line && { line }),
          from: part * PART,
          limit: PART,
        }),
      ),
    );
    const seq = Math.min(...parts.map((part) => part.seq));
    // Another list was chosen meanwhile; its answer follows.
    if (filter !== this.filter || line !== this.line) return seq;
    this.#seq = seq;
    if (all) this.#had = wanted;
    const newest = parts.reduce((one, other) => (other.seq > one.seq ? other : one));
    this.unread = newest.unread;
    this.missed = newest.missed;
    this.unheard = newest.unheard;
    this.counts = newest.counts;
    const rows = new Map<number, Conversation>();
    parts.forEach(({ conversations }, n) => {
      const first = (asked[n] ?? 0) * PART;
      // What is only scrolled to was seldom shown before.
      const fresh = all ? settled(conversations, this.#rows.values()) : conversations;
      fresh.forEach((row, m) => rows.set(first + m, row));
    });
    // Where all of it is asked for again, what is off the screen may be out of date, too.
    this.#next = { rows: all ? rows : this.#joined(rows, newest.total), total: newest.total };
    if (this.#held && !own && this.loaded && this.#rows.size > 0) this.#change(this.#next.rows);
    else this.#settle();
    this.loaded = true;
    return seq;
  }

  /** Fills rows up with those that were known near them, and gives them back; none twice. */
  #joined(rows: Map<number, Conversation>, total: number): Part['rows'] {
    const came = new Set<string>();
    rows.forEach((row) => came.add(row.id));
    this.#known.rows.forEach((row, place) => {
      if (place < total && this.#isNear(place) && !rows.has(place) && !came.has(row.id)) rows.set(place, row);
    });
    return rows;
  }

  /** New contents in the old places; places that were not held yet are filled in. */
  #change(rows: Part['rows']): void {
    const news = new Map([...rows.values()].map((row) => [row.id, row]));
    const held = new Map(
      [...this.#rows]
        .filter(([place]) => this.#isNear(place))
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
