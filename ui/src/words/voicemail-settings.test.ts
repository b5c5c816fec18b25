import { describe, expect, it } from 'vitest';
import type { Keep, Retention } from '../backend/generated/desk';
import {
  counted,
  goesList,
  goesSaid,
  heldSaid,
  isAnything,
  keptFor,
  sureSaid,
  withSettings,
} from './voicemail-settings';

const MARCH = new Date(2024, 2, 3, 12).getTime();
const JUNE = new Date(2025, 5, 9, 12).getTime();
const forever: Keep = {
  texts_days: null,
  calls_days: null,
  voicemails_days: null,
  delete_at_twilio: false,
  delete_recordings_at_twilio: false,
};
type Item = Retention['items'][number];
const item = (kind: Item['kind'], count: number, oldest: number | null = null, at_twilio = 0): Item => ({
  kind,
  count,
  oldest,
  at_twilio,
});
const found = (items: Item[], held = 0): Retention => ({ items, held });

describe('what would go', () => {
  it('is told in a sentence, with the oldest of all and what is kept whatever happens', () => {
    const all = found([item('texts', 214, MARCH), item('calls', 0), item('voicemails', 12, JUNE)], 2);
    expect(goesSaid(all, forever)).toBe(
      'This would delete 214 texts, the oldest from March 3, 2024, and 12 voicemails. ' +
        '2 conversations are kept whatever happens.',
    );
    const three = found([item('texts', 1_214, JUNE), item('calls', 3, MARCH), item('recordings', 1, JUNE)]);
    expect(goesSaid(three, forever)).toBe(
      'This would delete 1,214 texts, 3 calls, the oldest from March 3, 2024, and 1 recording of a call.',
    );
    expect(goesSaid(found([item('voicemails', 1, JUNE)], 1), forever)).toBe(
      'This would delete 1 voicemail from June 9, 2025. 1 conversation is kept whatever happens.',
    );
  });

  it('is nothing, or nothing here', () => {
    const none = found([item('texts', 0), item('voicemails', 0)]);
    expect(isAnything(none)).toBe(false);
    expect(goesSaid(none, forever)).toBe('Nothing would be deleted now.');
    expect(goesSaid(none, { ...forever, delete_recordings_at_twilio: true })).toContain(
      'At Twilio, recordings go once a copy is safe here.',
    );
    expect(heldSaid(none)).toBeNull();
  });

  it('goes at Twilio only where that is set', () => {
    const all = found([item('texts', 5, JUNE, 4), item('recordings', 0, null, 30)]);
    expect(goesSaid(withSettings(all, forever), forever)).toBe(
      'This would delete 5 texts, the oldest from June 9, 2025.',
    );
    const both = { ...forever, delete_at_twilio: true };
    expect(goesSaid(withSettings(all, both), both)).toContain(
      'At Twilio, 4 texts and 30 recordings would go too.',
    );
    const recordings = { ...forever, delete_recordings_at_twilio: true };
    const copies = withSettings(
      found([item('texts', 0, null, 4), item('recordings', 0, null, 30)]),
      recordings,
    );
    expect(goesSaid(copies, recordings)).toBe(
      'This would delete 30 recordings at Twilio. What is here stays.',
    );
  });

  it('is spelled out before it goes', () => {
    const all = found([
      item('texts', 214, MARCH, 200),
      item('voicemails', 12, null),
      item('recordings', 1, JUNE, 30),
    ]);
    expect(sureSaid(all)).toBe('Delete 214 texts, 12 voicemails, and 1 recording of a call?');
    expect(goesList(all)).toEqual([
      '214 texts, the oldest from March 3, 2024; 200 at Twilio too',
      '12 voicemails',
      '1 recording of a call from June 9, 2025',
      '30 recordings at Twilio; the copies here stay',
    ]);
    expect(sureSaid(found([item('recordings', 0, null, 30)]))).toBe('Delete 30 recordings at Twilio?');
  });
});

describe('numbers', () => {
  it('are counted in words', () => {
    expect([counted('texts', 1), counted('calls', 2), counted('voicemails', 12_000)]).toEqual([
      '1 text',
      '2 calls',
      '12,000 voicemails',
    ]);
  });

  it('of days are years where they are', () => {
    expect([keptFor(90), keptFor(365), keptFor(730), keptFor(400), keptFor(36_500)]).toEqual([
      '90 days',
      '1 year',
      '2 years',
      '400 days',
      '100 years',
    ]);
  });
});
