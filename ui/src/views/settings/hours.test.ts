import { describe, expect, it } from 'vitest';
import {
  axis,
  beginningAt,
  between,
  blocks,
  closingAt,
  DAY,
  dayKey,
  daysLater,
  daysUntil,
  endingAt,
  merged,
  missing,
  moved,
  offered,
  openingAt,
  spans,
  tail,
  typedTime,
  waysBack,
  weekdayOf,
  type Block,
} from './hours';

const block = (from: number, to: number): Block => ({ from: from * 60, to: to * 60 });

describe('blocks', () => {
  it('are the same hours as the settings write', () => {
    const day = [
      { from: '08:00', to: '12:00' },
      { from: '13:30', to: '24:00' },
    ];
    expect(blocks(day)).toEqual([block(8, 12), block(13.5, 24)]);
    expect(spans(blocks(day))).toEqual(day);
  });

  it('go on into the next day where they end before they begin', () => {
    expect(blocks([{ from: '18:00', to: '02:00' }])).toEqual([block(18, 26)]);
    expect(spans([block(18, 26)])).toEqual([{ from: '18:00', to: '02:00' }]);
    expect(spans(blocks([{ from: '18:00', to: '00:00' }]))).toEqual([{ from: '18:00', to: '24:00' }]);
    expect(tail([block(8, 12), block(18, 26)])).toBe(120);
    expect(tail([block(8, 24)])).toBe(0);
    expect(tail([])).toBe(0);
  });

  it('become one where they overlap or touch', () => {
    expect(merged([block(13, 17), block(8, 12)])).toEqual([block(8, 12), block(13, 17)]);
    expect(merged([block(8, 12), block(11, 17), block(17, 18)])).toEqual([block(8, 18)]);
    expect(merged([block(8, 18), block(9, 10)])).toEqual([block(8, 18)]);
    expect(merged([block(18, 26), block(20, 25)])).toEqual([block(18, 26)]);
  });

  it('stay two that meet where one would be longer than a day', () => {
    expect(merged([block(0, 10), block(9, 26)])).toEqual([block(0, 9), block(9, 26)]);
    expect(spans([block(0, 10), block(9, 26)])).toEqual([
      { from: '00:00', to: '09:00' },
      { from: '09:00', to: '02:00' },
    ]);
  });

  it('are made between two places, in steps, inside the day', () => {
    expect(between(603, 486)).toEqual({ from: 480, to: 600 });
    expect(between(600, 602)).toEqual({ from: 600, to: 615 });
    expect(between(-50, 100)).toEqual({ from: 0, to: 105 });
    expect(between(1_400, 2_000)).toEqual({ from: 1_395, to: DAY });
    expect(between(1_439, 1_440)).toEqual({ from: 1_425, to: DAY });
  });

  it('move as they are, and begin on their own day', () => {
    expect(moved(block(8, 12), 15)).toEqual({ from: 495, to: 735 });
    expect(moved(block(8, 12), -600)).toEqual(block(0, 4));
    expect(moved(block(20, 23), 120)).toEqual(block(22, 25));
    expect(moved(block(8, 12), DAY)).toEqual({ from: DAY - 15, to: DAY - 15 + 240 });
    expect(moved(block(0, 24), 15)).toEqual(block(0, 24));
  });

  it('keep a beginning before their end', () => {
    expect(beginningAt(block(8, 12), 540)).toEqual(block(9, 12));
    expect(beginningAt(block(8, 12), 900)).toEqual({ from: 705, to: 720 });
    expect(beginningAt(block(8, 12), -30)).toEqual(block(0, 12));
    // A day later it would end as it begins.
    expect(beginningAt(block(18, 26), 0)).toEqual({ from: 121, to: 1_560 });
    expect(spans([beginningAt(block(18, 26), 0)])).toEqual([{ from: '02:01', to: '02:00' }]);
  });

  it('keep an end after their beginning, at most a day later', () => {
    expect(endingAt(block(8, 12), 1_020)).toEqual(block(8, 17));
    expect(endingAt(block(8, 12), 0)).toEqual({ from: 480, to: 495 });
    expect(endingAt(block(18, 22), 1_500)).toEqual(block(18, 25));
    expect(endingAt(block(8, 12), 9_999)).toEqual({ from: 480, to: 480 + DAY - 1 });
    expect(endingAt(block(0, 12), 9_999)).toEqual(block(0, 24));
  });
});

describe('the axis', () => {
  it('shows six to ten, and whatever is set', () => {
    expect(axis([])).toEqual(block(6, 22));
    expect(axis([[block(8, 12)], []])).toEqual(block(6, 22));
    expect(axis([[block(5.5, 12)], [block(13, 22.25)]])).toEqual(block(4, 24));
    expect(axis([[block(18, 26)]])).toEqual(block(0, 24));
  });
});

describe('hours that are offered', () => {
  it('are a working day, or lie beside what is set', () => {
    expect(offered([])).toEqual(block(9, 17));
    expect(offered([block(8, 12)])).toEqual(block(13, 15));
    expect(offered([block(8, 12), block(13, 17)])).toEqual(block(18, 20));
    expect(offered([block(8, 23)])).toEqual(block(5, 7));
    expect(offered([block(0, 24)])).toBeNull();
    expect(offered([block(18, 26)])).toEqual(block(15, 17));
  });

  it('never touch what is set', () => {
    for (const day of [[block(8, 22)], [block(0, 11), block(13, 24)], [block(1, 24)]]) {
      const more = offered(day);
      if (more) expect(merged([...day, more])).toHaveLength(day.length + 1);
    }
  });
});

describe('a typed time', () => {
  it('is read as people write it', () => {
    const read = (text: string) => typedTime(text);
    expect(['8', '8:30', '8.30', '830', '0830', '8h30'].map(read)).toEqual([480, 510, 510, 510, 510, 510]);
    expect(['8 AM', '8am', '8 a.m.', '8\u202fPM', '12 am', '12 pm'].map(read)).toEqual([
      480, 480, 480, 1_200, 0, 720,
    ]);
    expect(['noon', 'Midnight', '17:45', '1730', '24:00'].map(read)).toEqual([720, 0, 1_065, 1_050, DAY]);
    expect(['', 'x', '25', '8:60', '13 pm', '0 am', '24:01', '8:3', '-1'].map(read)).toEqual(
      Array.from({ length: 9 }, () => null),
    );
  });

  it('without am or pm is the next one', () => {
    expect(typedTime('5', 480)).toBe(1_020);
    expect(typedTime('12', 480)).toBe(720);
    expect(typedTime('12', 780)).toBe(DAY);
    expect(typedTime('2', 1_080)).toBe(120);
    expect(typedTime('05:00', 480)).toBe(300);
    expect(typedTime('5 am', 480)).toBe(300);
  });

  it('changes its own end of a block', () => {
    expect(openingAt(block(8, 12), 540)).toEqual(block(9, 12));
    expect(openingAt(block(8, 12), 780)).toEqual(block(13, 17));
    expect(closingAt(block(8, 12), 1_020)).toEqual(block(8, 17));
    expect(closingAt(block(18, 22), 120)).toEqual(block(18, 26));
    expect(closingAt(block(0, 12), 0)).toEqual(block(0, 24));
    expect(closingAt(block(8, 12), 480)).toBeNull();
  });
});

describe('dates', () => {
  it('are counted as the calendar does', () => {
    expect(weekdayOf('2026-11-20T09:52')).toBe(4);
    expect(daysLater('2026-12-30', 3)).toBe('2027-01-02');
    expect(daysUntil('2026-11-26', '2026-11-20T23:59')).toBe(6);
  });

  it('come back in the ways that fit them', () => {
    expect(waysBack('2026-11-26').map(dayKey)).toEqual([
      'once 2026-11-26',
      'yearly 11 26',
      'nth 11 thursday 4',
      'nth 11 thursday -1',
    ]);
    expect(waysBack('2026-12-31').map(dayKey)).toEqual([
      'once 2026-12-31',
      'yearly 12 31',
      'nth 12 thursday -1',
    ]);
    expect(waysBack('2026-12-03')).toHaveLength(3);
  });
});

describe('public holidays', () => {
  it('are added once', () => {
    const day = (name: string, month: number) => ({
      name,
      day: { rule: 'yearly', month, day: 1 } as const,
      windows: [],
      greeting: '',
    });
    const mine = [{ ...day('New Year', 1), greeting: 'Happy new year' }];
    expect(missing([day('New Year', 1), day('May Day', 5)], mine)).toEqual([day('May Day', 5)]);
    expect(missing([day('New Year', 2)], mine)).toHaveLength(1);
  });
});
