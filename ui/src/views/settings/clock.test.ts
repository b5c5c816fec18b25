import { describe, expect, it } from 'vitest';
import {
  atTime,
  bareSpan,
  choiceOf,
  cityOf,
  hoursOf,
  momentOf,
  onClock,
  ruleOf,
  soon,
  spanOf,
} from './clock';

/** Spaces of every kind are one. */
const plain = (text: string) => text.replaceAll(/\s/g, ' ');

describe('times on the business’s clock', () => {
  it('are said as people say them', () => {
    expect([0, 480, 510, 720, 1_440, 1_560].map(atTime).map(plain)).toEqual([
      '12 AM',
      '8 AM',
      '8:30 AM',
      '12 PM',
      '12 AM',
      '2 AM',
    ]);
    expect(plain(spanOf({ from: 1_080, to: 1_560 }))).toBe('6 PM to 2 AM the next day');
    expect(spanOf({ from: 0, to: 1_440 })).toBe('24 hours');
    expect(plain(bareSpan({ from: 510, to: 780 }))).toBe('8:30 – 1');
    expect(plain(bareSpan({ from: 1_080, to: 1_560 }))).toBe('6 – 2 AM');
    expect(plain(momentOf('2026-11-20T09:52'))).toBe('Friday, November 20, 9:52 AM');
  });

  it('are said as far off as they are', () => {
    const from = (local: string) => plain(soon(local, '2026-11-20T09:52'));
    expect(from('2026-11-20T17:00')).toBe('5 PM');
    expect(from('2026-11-21T00:00')).toBe('midnight');
    expect(from('2026-11-21T08:30')).toBe('tomorrow 8:30 AM');
    expect(from('2026-11-23T08:00')).toBe('Monday 8 AM');
    expect(from('2026-12-28T08:00')).toBe('December 28, 8 AM');
  });

  it('are where the clock hangs', () => {
    expect(onClock(Date.UTC(2026, 10, 20, 17, 52), 'America/Los_Angeles')).toBe('2026-11-20T09:52');
    expect(cityOf('America/Argentina/Buenos_Aires')).toBe('Buenos Aires');
  });
});

describe('days off', () => {
  it('are named by when they come back', () => {
    expect(ruleOf({ rule: 'yearly', month: 12, day: 25 })).toBe('every year');
    expect(choiceOf({ rule: 'yearly', month: 2, day: 29 })).toBe('every year on February 29');
    const once = { rule: 'once', date: '2026-12-24' } as const;
    expect([ruleOf(once), choiceOf(once)]).toEqual(['only that day', 'never']);
    expect(ruleOf({ rule: 'nth', month: 11, weekday: 'thursday', nth: 4 })).toBe('4th Thursday of November');
    expect(ruleOf({ rule: 'nth', month: 5, weekday: 'monday', nth: -1 })).toBe('last Monday of May');
    expect(ruleOf({ rule: 'easter', offset: -2 })).toBe('Good Friday');
    expect(ruleOf({ rule: 'easter', offset: 50 })).toBe('50 days after Easter');
  });

  it('are closed, or have their hours', () => {
    expect(hoursOf([])).toBe('Closed');
    const morning = { from: '09:00', to: '12:00' };
    expect(plain(hoursOf([morning, { from: '13:00', to: '15:00' }]))).toBe('9 AM to 12 PM and 1 PM to 3 PM');
  });
});
