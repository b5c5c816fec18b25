import { describe, expect, it } from 'vitest';
import type { Keep } from '../../backend/generated/desk';
import { daysOf, isStricter } from './days';

describe('how long', () => {
  it('is read as people type it', () => {
    for (const [typed, days] of [
      ['90', 90],
      [' 7 ', 7],
      ['90 days', 90],
      ['8 d', 8],
      ['2 Weeks', 14],
      ['6 months', 180],
      ['1 year', 365],
      ['2y', 730],
      ['36500', 36_500],
    ] as const) {
      expect(daysOf(typed), typed).toBe(days);
    }
  });

  it('is at least a week, and at most a hundred years', () => {
    for (const typed of ['', '6', '0', '-30', '1.5 years', 'soon', '90 nights']) {
      expect(daysOf(typed), typed).toBe('few');
    }
    expect(daysOf('36501')).toBe('many');
    expect(daysOf('101 years')).toBe('many');
  });
});

describe('settings', () => {
  const forever: Keep = {
    texts_days: null,
    calls_days: null,
    voicemails_days: null,
    delete_at_twilio: false,
    delete_recordings_at_twilio: false,
  };
  it('are stricter where something may go that stayed before', () => {
    for (const [before, after, stricter] of [
      [{}, {}, false],
      [{}, { texts_days: 90 }, true],
      [{ calls_days: 90 }, { calls_days: 365 }, false],
      [{ calls_days: 365 }, { calls_days: 90 }, true],
      [{ voicemails_days: 90 }, { voicemails_days: null }, false],
      [{}, { delete_at_twilio: true }, true],
      [{ delete_at_twilio: true }, { delete_at_twilio: false }, false],
      [{}, { delete_recordings_at_twilio: true }, true],
      [{ texts_days: 90 }, { texts_days: 365, voicemails_days: 90 }, true],
    ] as const) {
      expect(isStricter({ ...forever, ...before }, { ...forever, ...after }), JSON.stringify(after)).toBe(
        stricter,
      );
    }
  });
});
