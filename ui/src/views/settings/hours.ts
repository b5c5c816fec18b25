// Opening hours as the week's grid draws and changes them: blocks on a line of minutes.

import type { Holiday, Week } from '../../backend/generated/desk';

export type Weekday = keyof Week;
export type Span = Week[Weekday][number];
export type Day = Holiday['day'];

/** A stretch in minutes of the day it begins on: `from` before 1,440; `to` past it is on the next day. */
export interface Block {
  from: number;
  to: number;
}

export const weekdays = [
  'monday',
  'tuesday',
  'wednesday',
  'thursday',
  'friday',
  'saturday',
  'sunday',
] as const satisfies readonly Weekday[];
export const workdays: readonly Weekday[] = weekdays.slice(0, 5);

/** Minutes of a day. */
export const DAY = 1_440;
/** Minutes that dragging and keys go by. */
export const STEP = 15;
const HOUR = 60;

export const ROUND: Block = { from: 0, to: DAY };
/** What is offered where nothing is set. */
export const USUAL: Block = { from: 9 * HOUR, to: 17 * HOUR };

const within = (value: number, least: number, most: number) => Math.max(least, Math.min(value, most));
const two = (n: number) => String(n).padStart(2, '0');

/** The latest end for this beginning: an end at the same time of day would be no stretch. */
const latest = (from: number) => (from === 0 ? DAY : from + DAY - 1);

function minutes(time: string): number {
  const [hour = 0, minute = 0] = time.split(':').map(Number);
  return hour * HOUR + minute;
}
const time = (at: number) => `${two(Math.floor(at / HOUR))}:${two(at % HOUR)}`;

/** A day's stretches as blocks, in order. */
export function blocks(spans: readonly Span[]): Block[] {
  const all = spans.map((span) => {
    const [from, to] = [minutes(span.from), minutes(span.to)];
    return { from, to: to > from ? to : to + DAY };
  });
  return merged(all);
}

/** Blocks as settings write them. */
export function spans(all: readonly Block[]): Span[] {
  return merged(all).map(({ from, to }) => ({ from: time(from), to: time(to > DAY ? to - DAY : to) }));
}

/** In order; what overlaps or touches is one. */
export function merged(all: readonly Block[]): Block[] {
  const done: Block[] = [];
  for (const block of [...all].sort((a, b) => a.from - b.from)) {
    const last = done.at(-1);
    if (!last || block.from > last.to) done.push({ ...block });
    else if (Math.max(last.to, block.to) <= latest(last.from)) last.to = Math.max(last.to, block.to);
    else {
      // Longer than a day: two that meet.
      last.to = block.from;
      done.push({ ...block });
    }
  }
  return done.filter((block) => block.to > block.from);
}

/** The block so many minutes later or earlier; it begins on the same day. */
export function moved(block: Block, by: number): Block {
  const length = block.to - block.from;
  if (length >= DAY) return block;
  const from = within(block.from + by, 0, DAY - STEP);
  return { from, to: from + length };
}

/** The block with another beginning, before its end. */
export function beginningAt(block: Block, from: number): Block {
  const first = Math.max(0, block.to - DAY + (block.to > DAY ? 1 : 0));
  return { from: within(from, first, Math.min(block.to, DAY) - STEP), to: block.to };
}

/** The block with another end, after its beginning; at most a day later. */
export function endingAt(block: Block, to: number): Block {
  return { from: block.from, to: within(to, block.from + STEP, latest(block.from)) };
}

/** The nearest step. */
export const snapped = (at: number) => Math.round(at / STEP) * STEP;

/** What lies between two places of a day, at least a step. */
export function between(a: number, b: number): Block {
  const from = within(snapped(Math.min(a, b)), 0, DAY - STEP);
  return { from, to: within(snapped(Math.max(a, b)), from + STEP, DAY) };
}

/** What goes on into a day from the day before: minutes after midnight, 0 for nothing. */
export function tail(before: readonly Block[]): number {
  return Math.max(0, ...before.map((block) => block.to - DAY));
}

/** The part of the day a grid shows: six to ten, wider where something is set outside. */
export function axis(days: readonly (readonly Block[])[]): Block {
  const all = days.flat();
  if (all.some((block) => block.to > DAY)) return ROUND;
  const [first, last] = [Math.min(...all.map(({ from }) => from)), Math.max(...all.map(({ to }) => to))];
  return {
    from: Math.min(6 * HOUR, Math.floor(first / (2 * HOUR)) * 2 * HOUR),
    to: Math.max(22 * HOUR, Math.ceil(last / (2 * HOUR)) * 2 * HOUR),
  };
}

/** Hours to offer beside those that are set; none where the day has no room. */
export function offered(all: readonly Block[]): Block | null {
  if (all.length === 0) return USUAL;
  const edges = [0, ...all.flatMap(({ from, to }) => [from, Math.min(to, DAY)]), DAY];
  const gaps = Array.from({ length: all.length + 1 }, (_, n) => ({
    from: edges[2 * n] ?? 0,
    to: edges[2 * n + 1] ?? 0,
  }));
  const long = (gap: Block) => gap.to - gap.from;
  // After the last hours if there is time, for that is where a second stretch mostly is.
  const gap = gaps.findLast((one) => long(one) >= 2 * HOUR) ?? gaps.sort((a, b) => long(b) - long(a))[0];
  if (!gap || long(gap) < HOUR) return null;
  const apart = long(gap) >= 3 * HOUR ? HOUR : STEP;
  const [from, to] = [gap.from + apart, gap.to - apart];
  return gap.from === 0
    ? { from: Math.max(from, to - 2 * HOUR), to }
    : { from, to: Math.min(from + 2 * HOUR, to) };
}

/** Minutes of a time somebody typed: "8", "8:30 pm", "17.30", "noon". Without am or pm, a time is the next
 *  one after `after`, so that "8" to "5" is a working day. */
export function typedTime(text: string, after: number | null = null): number | null {
  const said = text.trim().toLowerCase();
  if (said === 'noon') return DAY / 2;
  if (said === 'midnight') return 0;
  const [, hours = '', minute = '0', half] =
    /^(\d{1,2})(?:\s*[:.h]?\s*(\d{2}))?\s*(?:([ap])\.?\s?m?\.?)?$/.exec(said) ?? [];
  const hour = Number(hours);
  if (!hours || Number(minute) >= HOUR) return null;
  if (half) {
    if (hour < 1 || hour > 12) return null;
    return ((hour % 12) + (half === 'p' ? 12 : 0)) * HOUR + Number(minute);
  }
  const at = hour * HOUR + Number(minute);
  if (at > DAY) return null;
  const later = at + DAY / 2;
  const meant = after !== null && hour <= 12 && !hours.startsWith('0') && at <= after && later > after;
  return meant ? later : at;
}

/** A block with a typed beginning. One that would begin after its end keeps its length. */
export function openingAt(block: Block, from: number): Block {
  if (from >= block.to) return moved(block, from - block.from);
  return { from, to: Math.min(block.to, latest(from)) };
}

/** A block with a typed end, on the next day where it is earlier; none where it ends as it begins. */
export function closingAt(block: Block, to: number): Block | null {
  const end = to > block.from ? to : to + DAY;
  return end <= latest(block.from) ? { from: block.from, to: end } : null;
}

/** A date as the business's calendar has it, at noon in UTC: only to count with. */
const noon = (date: string) => new Date(`${date.slice(0, 10)}T12:00Z`);

/** The date so many days later. */
export function daysLater(date: string, days: number): string {
  const at = noon(date);
  at.setUTCDate(at.getUTCDate() + days);
  return at.toISOString().slice(0, 10);
}

/** Whole days from one date to another. */
export function daysUntil(date: string, from: string): number {
  return Math.round((noon(date).getTime() - noon(from).getTime()) / 86_400_000);
}

/** Monday is 0. */
export function weekdayOf(date: string): number {
  return (noon(date).getUTCDay() + 6) % 7;
}

/** Minutes of the day of "2026-11-20T09:52". */
export const minuteOf = (local: string) => minutes(local.slice(11, 16));

/** The ways in which a day can come back. */
export function waysBack(date: string): Day[] {
  const [month, day] = [Number(date.slice(5, 7)), Number(date.slice(8, 10))];
  const weekday = weekdays[weekdayOf(date)] ?? 'monday';
  const nth = Math.ceil(day / 7);
  const last = daysLater(date, 7).slice(5, 7) !== date.slice(5, 7);
  return [
    { rule: 'once', date },
    { rule: 'yearly', month, day },
    // A fifth one does not come every year; the last one does.
    ...(nth < 5 ? [{ rule: 'nth', month, weekday, nth } as const] : []),
    ...(last ? [{ rule: 'nth', month, weekday, nth: -1 } as const] : []),
  ];
}

/** The same for the same day. */
export function dayKey(day: Day): string {
  switch (day.rule) {
    case 'once':
      return `once ${day.date}`;
    case 'yearly':
      return `yearly ${day.month} ${day.day}`;
    case 'nth':
      return `nth ${day.month} ${day.weekday} ${day.nth}`;
    case 'easter':
      return `easter ${day.offset}`;
  }
}

/** What of a country's holidays is not listed yet. */
export function missing(pack: readonly Holiday[], listed: readonly Holiday[]): Holiday[] {
  const key = (holiday: Holiday) => `${holiday.name} ${dayKey(holiday.day)}`;
  const known = new Set(listed.map(key));
  return pack.filter((holiday) => !known.has(key(holiday)));
}
