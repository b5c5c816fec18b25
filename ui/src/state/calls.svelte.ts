// The call log: what is loaded of it by day, calls of one kind in a row as one. While somebody points at
// it, rows change in place but none moves: what they are about to press stays where it is.

import type { Backend, Request } from '../backend/backend';
import type { Call, Conversation } from '../backend/generated/desk';
import { caller } from '../words/callers';
import { dayKey, onDifferentDays } from '../words/time';
import { Turns } from './turns';

export type CallFilter = NonNullable<Request<'calls'>['filter']>;
export const callFilters = [
  'all',
  'missed',
  'answered',
  'voicemail',
  'outgoing',
] as const satisfies CallFilter[];

/** Calls asked for at once. */
const PAGE = 100;

/** Calls of one day, newest first. Those of one customer and kind that follow each other are together. */
export interface Day {
  groups: Call[][];
}

export interface DayRow {
  type: 'day';
  key: string;
  at: number;
  calls: number;
  missed: number;
  /** Whether all calls of the day are counted. */
  whole: boolean;
}
export interface CallRow {
  type: 'call';
  key: string;
  call: Call;
  /** The calls that are shown as one. */
  group: readonly Call[];
  /** Whether each of them is shown. */
  spread: boolean;
  /** Whether it is shown below the newest of them. */
  inside: boolean;
}
/** What stands in the log, one under another. */
export type Row = DayRow | CallRow;

/** Whether somebody rang in vain and left nothing to hear: what they left waits in Voicemail. */
export const isMissed = ({ missed, ending }: Pick<Call, 'missed' | 'ending'>): boolean =>
  missed && ending !== 'voicemail';

/** Somebody who is to be called. */
export interface Callee {
  conversation: string;
  who: string;
  /** Their number. */
  customer: string;
  line: string;
  line_display: string;
}

/** Whom a call was with, or who left a voicemail, where they can be called. */
export function calleeOf(call: Omit<Callee, 'who'> & Pick<Call, 'name' | 'kind' | 'with'>): Callee | null {
  if (call.kind !== 'number') return null;
  const { conversation, customer, line, line_display } = call;
  return { conversation, who: caller(call), customer, line, line_display };
}

/** Whom a conversation is with, where they can be called. */
export function calleeIn({ id, kind, name, display, ...rest }: Conversation): Callee | null {
  if (kind !== 'number') return null;
  return { conversation: id, who: name ?? display, ...rest };
}

function kindOf({ incoming, ending, missed }: Call): string {
  if (!incoming) return `ours ${ending}`;
  if (ending === 'answered' || ending === 'voicemail') return ending;
  return missed ? 'missed' : (ending ?? 'unknown');
}

/** Whether two calls are shown as one. Hidden callers may be several people. */
function areTogether(a: Call, b: Call): boolean {
  return (
    a.conversation === b.conversation && a.kind !== 'hidden' && !a.live && !b.live && kindOf(a) === kindOf(b)
  );
}

/** Calls, newest first, by day. */
export function byDay(calls: readonly Call[]): Day[] {
  const days: Day[] = [];
  let before: Call | undefined;
  for (const call of calls) {
    if (!before || onDifferentDays(before.at, call.at)) days.push({ groups: [] });
    const groups = days.at(-1)?.groups ?? [];
    const group = groups.at(-1);
    if (group && before && areTogether(before, call)) group.push(call);
    else groups.push([call]);
    before = call;
  }
  return days;
}

const callsOf = (days: readonly Day[]) => days.flatMap((day) => day.groups.flat());

/**
 * The rows of the log. Groups that hold a call of `spread` show each of theirs. Where there are `more` calls
 * than are loaded, the last day may not be whole.
 */
export function rowsOf(days: readonly Day[], spread: ReadonlySet<string>, more: boolean): Row[] {
  return days.flatMap(({ groups }, n): Row[] => {
    const calls = groups.flat();
    const at = calls[0]?.at ?? 0;
    const missed = calls.filter(isMissed).length;
    return [
      { type: 'day', key: dayKey(at), at, calls: calls.length, missed, whole: !more || n < days.length - 1 },
      ...groups.flatMap((group) => {
        const isSpread = group.length > 1 && group.some((call) => spread.has(call.id));
        return (isSpread ? group : group.slice(0, 1)).map((call, n): Row => ({
          type: 'call',
          key: call.id,
          call,
          group,
          inside: n > 0,
          spread: isSpread,
        }));
      }),
    ];
  });
}

/** Whether a call's name or number holds what was typed. */
export function fits(call: Call, typed: string): boolean {
  const sought = typed.trim().toLowerCase();
  const digits = /^[\d\s()+./-]+$/.test(sought) ? sought.replace(/\D/g, '') : '';
  return (
    `${caller(call)}\n${call.with}`.toLowerCase().includes(sought) ||
    (digits !== '' && call.customer.replace(/\D/g, '').includes(digits))
  );
}

const isOlder = (call: Call, than: Call) => call.at < than.at || (call.at === than.at && call.id < than.id);

export class Calls {
  filter = $state<CallFilter>('all');
  /** What is looked for among the calls that are loaded. */
  sought = $state('');
  /** What is shown. */
  days = $state.raw<Day[]>([]);
  /** Everything that is loaded, newest first. */
  known = $state.raw<readonly Call[]>([]);
  /** Whether there are older ones. */
  more = $state(false);
  loaded = $state(false);
  failed = $state(false);
  /** Whether what came since waits until nobody points at the log. */
  later = $state(false);

  readonly #backend: Backend;
  readonly #turns = new Turns((own) => this.#once(own));
  #line: string | null = null;
  #held = false;
  #reaching = false;

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  /** Shows others of them. Where that goes wrong, `failed` says so. */
  async choose(filter: CallFilter, line: string | null = this.#line): Promise<void> {
    this.filter = filter;
    this.#line = line;
    this.known = [];
    this.loaded = false;
    await this.load(true).catch(() => undefined);
  }

  /** Looks for a name or number. */
  look(sought: string): void {
    this.sought = sought;
    this.#show(true);
  }

  /** Somebody points at the log, or no longer does. */
  hold(held: boolean): void {
    this.#held = held;
    if (!held) this.#show();
  }

  /** Asks again for what is loaded. What the owner did themselves is shown at once (`own`). */
  load(own = false): Promise<void> {
    return this.#turns.ask(own);
  }

  /** Loads the calls before those that are loaded. */
  async earlier(): Promise<void> {
    const last = this.known.at(-1);
    if (!last || !this.more || this.#reaching) return;
    this.#reaching = true;
    try {
      const part = await this.#part(last);
      // Others may have been chosen, or come, meanwhile.
      if (this.known.at(-1)?.id !== last.id) return;
      this.known = [...this.known, ...part];
      this.more = part.length === PAGE;
      this.#show();
    } finally {
      this.#reaching = false;
    }
  }

  #part(before?: Call): Promise<Call[]> {
    return this.#backend.call('calls', {
      filter: this.filter,
      limit: PAGE,
      ...(this.#line && { line: this.#line }),
      ...(before && { before: { at: before.at, id: before.id } }),
    });
  }

  async #once(own: boolean): Promise<void> {
    const asked = this.filter + String(this.#line);
    const wanted = Math.max(PAGE, this.known.length);
    const calls: Call[] = [];
    let more = true;
    try {
      while (more && calls.length < wanted) {
        const part = await this.#part(calls.at(-1));
        // Others were chosen meanwhile; their answer follows.
        if (asked !== this.filter + String(this.#line)) return;
        calls.push(...part);
        more = part.length === PAGE;
      }
    } catch (error) {
      this.failed = true;
      // What is shown is of another choice.
      if (!this.loaded) this.days = [];
      throw error;
    }
    const last = calls.at(-1);
    const rest = more && last ? this.known.filter((call) => isOlder(call, last)) : [];
    this.more = rest.length > 0 ? this.more : more;
    this.known = [...calls, ...rest];
    this.#show(own || !this.loaded);
    this.loaded = true;
    this.failed = false;
  }

  #show(own = false): void {
    const calls = this.known.filter((call) => fits(call, this.sought));
    const held = this.#held && !own && this.days.length > 0;
    this.days = held ? inPlace(this.days, calls) : byDay(calls);
    const shown = held ? callsOf(this.days) : calls;
    this.later = shown.length !== calls.length || shown.some((call, n) => call.id !== calls[n]?.id);
  }
}

/** New contents in the old places, and after them what is older. */
function inPlace(days: readonly Day[], calls: readonly Call[]): Day[] {
  const news = new Map(calls.map((call) => [call.id, call]));
  const kept = days.map(({ groups }) => ({
    groups: groups.map((group) => group.map((call) => news.get(call.id) ?? call)),
  }));
  const last = callsOf(days).at(-1);
  const [next, ...after] = byDay(last ? calls.filter((call) => isOlder(call, last)) : []);
  const end = kept.at(-1);
  const same = last && next?.groups[0]?.[0] && !onDifferentDays(last.at, next.groups[0][0].at);
  if (end && next && same) end.groups.push(...next.groups);
  else if (next) kept.push(next);
  return [...kept, ...after];
}
