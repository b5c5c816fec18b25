import { describe, expect, it } from 'vitest';
import type { Conversation } from '../backend/generated/desk';
import { rowOf } from './row';

const hour = 3_600_000;
const row = (more: Partial<Conversation> = {}) =>
  ({
    ...{
      id: 'a',
      customer: '+14155550176',
      display: '(415) 555-0176',
      name: null,
      unread: 0,
      assigned: null,
    },
    ...{ last: null, last_call: null, last_at: 0, draft: null, done_at: null, waiting_since: null },
    ...more,
  }) as Conversation;
const last = (more: Partial<NonNullable<Conversation['last']>>) =>
  row({
    last: {
      preview: 'See you then',
      incoming: true,
      failed: false,
      pictures: 0,
      status: 'received',
      ...more,
    },
  });
const said = (row: Conversation, current = false) => {
  const { sign, preview } = rowOf(row, current, hour, null);
  return [sign, preview];
};

describe('what a row says', () => {
  it('says what came or went last, and what became of it', () => {
    expect(said(last({}))).toEqual([null, 'See you then']);
    expect(said(last({ incoming: false }))).toEqual([null, 'You: See you then']);
    expect(said(last({ incoming: false, failed: true }))).toEqual(['failed', 'You: See you then']);
    expect(said(last({ preview: ' ', pictures: 2 }))).toEqual(['pictures', '2 photos']);
    expect(said(row())).toEqual([null, '']);
  });

  it('says a draft before anything else, except of the one that is open', () => {
    const call = { incoming: true, ending: null, missed: true, said: null } as const;
    const begun = row({ draft: ' I can come ', last_call: call });
    expect(said(begun)).toEqual([null, 'Draft: I can come']);
    const [sign, preview] = said(begun, true);
    expect([sign, preview]).toEqual([{ call: 'missed', missed: true, quoted: false }, 'Missed call']);
  });

  it('names whoever has no name by the number', () => {
    const { name, face } = rowOf(row(), false, hour, null);
    expect([name, face.letters]).toEqual(['(415) 555-0176', '']);
    const known = rowOf(row({ name: 'Marcus Webb' }), false, hour, null);
    expect([known.name, known.face]).toEqual(['Marcus Webb', { ...face, letters: 'MW' }]);
  });

  it('says how long somebody waits after half an hour, and no longer once it is done', () => {
    const waits = (more: Partial<Conversation>, now: number) => rowOf(row(more), false, now, null).waits;
    expect(waits({ waiting_since: 0 }, hour / 2)).toBeNull();
    expect(waits({ waiting_since: 0 }, 2 * hour)).toBe('waiting 2 h');
    expect(waits({ waiting_since: 0, done_at: 1 }, 2 * hour)).toBeNull();
  });
});
