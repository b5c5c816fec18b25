import { describe, expect, it } from 'vitest';
import { delivery } from './delivery';
import { colour, initials } from './people';
import {
  atTime,
  dayTitle,
  fileSize,
  joined,
  onDay,
  shortTime,
  timeLabel,
  timeOfDay,
  waitingFor,
} from './time';

const now = new Date(2026, 10, 21, 9, 41).getTime();
const hour = 3_600_000;

describe('time', () => {
  it('says when in the way people do', () => {
    expect(shortTime(now - 11 * hour, now)).toBe('Yesterday');
    expect(shortTime(now - hour, now)).toMatch(/8:41/);
    expect(shortTime(now - 3 * 24 * hour, now)).toBe('Wed');
    expect(shortTime(now - 30 * 24 * hour, now)).toBe('Oct 22');
    expect(dayTitle(now, now)).toBe('Today');
    expect(onDay(now - 26 * hour, now)).toBe('on November 20');
  });

  it('keeps a time on one line', () => {
    for (const said of [timeOfDay(now), timeLabel('17:30'), atTime(now, now), atTime(now - 26 * hour, now)])
      expect(said).toMatch(/\d\u00a0[AP]M$/);
    expect(['9:41 AM', '9:41\u202fAM', '9 p.m.', '21:41'].map(joined)).toEqual([
      '9:41\u00a0AM',
      '9:41\u00a0AM',
      '9\u00a0p.m.',
      '21:41',
    ]);
  });

  it('says how long somebody waits', () => {
    expect(waitingFor(now - 10_000, now)).toBe('1 min');
    expect(waitingFor(now - 16 * hour, now)).toBe('16 h');
    expect(waitingFor(now - 48 * hour, now)).toBe('2 d');
  });

  it('gives sizes a person can picture', () => {
    expect(fileSize(12)).toBe('1 kB');
    expect(fileSize(612_000)).toBe('612 kB');
    expect(fileSize(2_400_000)).toBe('2.4 MB');
  });
});

describe('delivery', () => {
  it('has a word and a sign for every status, also for one it never heard of', () => {
    expect(delivery('queued')).toEqual({ word: 'Sending…', sign: 'clock' });
    expect(delivery('held')).toEqual({ word: 'Waiting', sign: 'clock' });
    expect(delivery('sent')).toEqual({ word: 'Sent', sign: 'check' });
    expect(delivery('delivered')).toEqual({ word: 'Delivered', sign: 'checks' });
    expect(delivery('undelivered').sign).toBe('alert');
    expect(delivery('teleported').word).toContain('teleported');
  });
});

describe('people', () => {
  it('draws the same person the same way', () => {
    expect(initials('Marcus Webb')).toBe('MW');
    expect(initials('Élodie')).toBe('É');
    expect(initials(null)).toBe('');
    expect(colour('+14155550176')).toBe(colour('+14155550176'));
    expect(colour('x')).toBeGreaterThanOrEqual(1);
    expect(colour('x')).toBeLessThanOrEqual(6);
  });
});
