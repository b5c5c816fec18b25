// Instants as people say them. The time zone is this computer's.

import type { Voicemail } from '../backend/generated/desk';
import { words } from './en';
import { moments } from './formats';

/** A time whose "AM" never begins a line of its own. */
export const joined = (time: string) => time.replace(/(?<=\d)\s(?=[ap]\.?m\b)/gi, '\u00a0');

const hands = moments({ hour: 'numeric', minute: '2-digit' });
const clock = { format: (at: number | Date) => joined(hands.format(at)) };
const weekday = moments({ weekday: 'short' });
const longWeekday = moments({ weekday: 'long' });
const longDay = moments({ weekday: 'long', month: 'long', day: 'numeric' });
const shortDate = moments({ month: 'short', day: 'numeric' });
const fullDate = moments({ year: 'numeric', month: 'short', day: 'numeric' });
const dayMonth = moments({ month: 'long', day: 'numeric' });

const DAY = 86_400_000;

/** Whole local days from `at` to `now`. */
function daysAgo(at: number, now: number): number {
  const start = (ms: number) => new Date(ms).setHours(0, 0, 0, 0);
  return Math.round((start(now) - start(at)) / DAY);
}

/** For a list: the time today, the weekday within a week, then the date. */
export function shortTime(at: number, now: number): string {
  const days = daysAgo(at, now);
  if (days <= 0) return clock.format(at);
  if (days === 1) return words.time.yesterday;
  if (days < 7) return weekday.format(at);
  return (days < 300 ? shortDate : fullDate).format(at);
}

/** The time of day. */
export function timeOfDay(at: number): string {
  return clock.format(at);
}

/** For a separator between days. */
export function dayTitle(at: number, now: number): string {
  const days = daysAgo(at, now);
  if (days <= 0) return words.time.today;
  if (days === 1) return words.time.yesterday;
  return days < 300 ? longDay.format(at) : fullDate.format(at);
}

/** Inside a sentence: "today", or "on November 20". */
export function onDay(at: number, now: number): string {
  return daysAgo(at, now) <= 0 ? words.time.onToday : words.time.on(dayMonth.format(at));
}

/** Inside a sentence, with the time: "yesterday at 8:31 AM", "on Wednesday at 8:31 AM". */
export function atTime(at: number, now: number): string {
  const days = daysAgo(at, now);
  const { onToday, onYesterday, on } = words.time;
  const day =
    days <= 0
      ? onToday
      : days === 1
        ? onYesterday
        : on((days < 7 ? longWeekday : days < 300 ? dayMonth : fullDate).format(at));
  return words.time.at(day, clock.format(at));
}

/** How long somebody waits: "5 min", "16 h", "2 d". */
export function waitingFor(since: number, now: number): string {
  const minutes = Math.max(1, Math.round((now - since) / 60_000));
  if (minutes < 60) return `${minutes} ${words.time.minutes}`;
  const hours = Math.round(minutes / 60);
  return hours < 36 ? `${hours} ${words.time.hours}` : `${Math.round(hours / 24)} ${words.time.days}`;
}

/** A name for the local day of an instant, the same all day. */
export function dayKey(at: number): string {
  return new Date(at).toDateString();
}

/** Whether two instants lie on different local days. */
export function onDifferentDays(a: number, b: number): boolean {
  return daysAgo(a, b) !== 0;
}

/** A size people can picture. */
export function fileSize(bytes: number): string {
  return bytes < 1_000_000
    ? `${Math.max(1, Math.round(bytes / 1_000))} kB`
    : `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/** Every half hour of a day, as settings write it. */
export const halfHours = Array.from(
  { length: 48 },
  (_, n) => `${String(n >> 1).padStart(2, '0')}:${n % 2 === 0 ? '00' : '30'}`,
);

/** A time of day as settings write it, as people read it. */
export function timeLabel(time: string): string {
  const [hour = 0, minute = 0] = time.split(':').map(Number);
  return clock.format(new Date(2026, 0, 15, hour, minute));
}

/** How long something lasted: "0:42". */
export function lasted(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

/** How long a voicemail is in milliseconds; 0 where nobody knows. */
export function lengthOf({ length_ms, duration_s }: Pick<Voicemail, 'length_ms' | 'duration_s'>): number {
  return length_ms ?? (duration_s ?? 0) * 1_000;
}
