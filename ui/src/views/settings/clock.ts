// Times on the business's clock as people say them. They come as that clock shows them, without a zone.

import type { Holiday } from '../../backend/generated/desk';
import { words } from '../../words/en';
import { moments, once } from '../../words/formats';
import { routing } from '../../words/routing';
import { joined } from '../../words/time';
import { blocks, DAY, daysUntil, minuteOf, ROUND, weekdayOf, weekdays, type Block, type Day } from './hours';

const said = routing;
// What has no zone is counted as if it were in UTC.
const format = (options: Intl.DateTimeFormatOptions) => moments({ ...options, timeZone: 'UTC' });
const full = format({ hour: 'numeric', minute: '2-digit' });
const wholeHour = format({ hour: 'numeric' });
const twelve = once(
  () => new Intl.DateTimeFormat(undefined, { hour: 'numeric' }).resolvedOptions().hour12 ?? false,
);
const longDay = format({ weekday: 'long' });
const shortDay = format({ weekday: 'short' });
const shortMonth = format({ month: 'short' });
const longMonth = format({ month: 'long' });
const dayMonth = format({ month: 'long', day: 'numeric' });
const longDate = format({ weekday: 'long', month: 'long', day: 'numeric' });

const instant = (date: string) => new Date(`${date.slice(0, 10)}T00:00Z`);
/** A Monday. */
const MONDAY = Date.UTC(2026, 0, 5);

/** A minute of the day: "8 AM", "5:30 PM". */
export function atTime(minute: number): string {
  return joined((minute % 60 === 0 && twelve() ? wholeHour : full).format(minute * 60_000));
}

/** The same where there is little room and an axis beside it: "8", "5:30". */
export function bareTime(minute: number): string {
  const hour = Math.floor(minute / 60) % 24;
  const shown = twelve() ? hour % 12 || 12 : hour;
  return minute % 60 === 0 ? `${shown}` : `${shown}:${String(minute % 60).padStart(2, '0')}`;
}

const isRound = ({ from, to }: Block) => from === ROUND.from && to === ROUND.to;

/** "8 – 12", "6 – 2 AM" over midnight. */
export function bareSpan(block: Block): string {
  const { from, to } = block;
  return isRound(block) ? said.round : `${bareTime(from)} – ${(to > DAY ? atTime : bareTime)(to)}`;
}

/** "8 AM to 12 PM". */
export function spanOf(block: Block): string {
  const { from, to } = block;
  if (isRound(block)) return said.round;
  return (to > DAY ? said.spanNextDay : said.span)(atTime(from), atTime(to));
}

/** All of a day's hours, or that it is closed. */
export function hoursOf(windows: Holiday['windows']): string {
  return windows.length === 0 ? said.closed : words.and(blocks(windows).map(spanOf));
}

/** A day of the week, Monday being 0. */
export const dayName = (weekday: number) => longDay.format(MONDAY + weekday * 86_400_000);
export const dayShort = (weekday: number) => shortDay.format(MONDAY + weekday * 86_400_000);

/** "Thursday". */
export const dayOf = (date: string) => dayName(weekdayOf(date));
/** "Nov". */
export const monthOf = (date: string) => shortMonth.format(instant(date));

/** "Friday, November 20, 9:52 AM". */
export function momentOf(local: string): string {
  return said.onDay(longDate.format(instant(local)), joined(full.format(minuteOf(local) * 60_000)));
}

/** Inside a sentence: "5 PM", "tomorrow 8 AM", "Monday 8 AM", "December 28, 8 AM". */
export function soon(local: string, now: string): string {
  const [days, minute] = [daysUntil(local, now), minuteOf(local)];
  const time = atTime(minute);
  if (days === 0) return time;
  if (days === 1) return minute === 0 ? said.midnight : said.tomorrow(time);
  return days < 7 ? said.onWeekday(dayOf(local), time) : said.onDay(dayMonth.format(instant(local)), time);
}

/** A moment on the clock of a zone, as "2026-11-20T09:52". */
export function onClock(at: number, zone: string): string {
  // Swedish writes it that way.
  const shown = (timeZone: string) =>
    new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeStyle: 'short', timeZone })
      .format(at)
      .replace(' ', 'T');
  try {
    return shown(zone);
  } catch {
    // A zone this engine does not know; the office goes by UTC where it knows none.
    return shown('UTC');
  }
}

/** The place a zone is named after. */
export const cityOf = (zone: string) => (zone.split('/').at(-1) ?? zone).replaceAll('_', ' ');

/** When a day comes back: "every year", "4th Thursday of November". */
export function ruleOf(day: Day): string {
  const rule = said.rule;
  switch (day.rule) {
    case 'once':
      return rule.once;
    case 'yearly':
      return rule.everyYear;
    case 'nth':
      return rule.nth(
        rule.nths[day.nth] ?? `${day.nth}`,
        dayName(weekdays.indexOf(day.weekday)),
        longMonth.format(Date.UTC(2026, day.month - 1, 1)),
      );
    case 'easter':
      return rule.easter(day.offset);
  }
}

/** The same where it is one of several to choose from. */
export function choiceOf(day: Day): string {
  if (day.rule === 'once') return said.rule.never;
  // A leap year, for the 29th of February.
  if (day.rule === 'yearly') return said.rule.yearly(dayMonth.format(Date.UTC(2024, day.month - 1, day.day)));
  return ruleOf(day);
}
