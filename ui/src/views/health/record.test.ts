import { describe, expect, it } from 'vitest';
import type { RawRecord, Webhook } from '../../backend/generated/desk';
import { wholeRecord } from './record';

const sent: Webhook = {
  seq: 7,
  event: 'sms/inbound',
  at: Date.UTC(2026, 10, 20, 9, 30),
  state: 'applied',
  problem: null,
  answer: 200,
  about: 'SM1',
  fields: [
    { name: 'Body', value: '<b>“Hi”</b>' },
    { name: 'Body', value: 'twice' },
  ],
  answer_body: '<Response/>',
};

describe('what is copied of a record', () => {
  it('holds everything Twilio told, field by field, also twice', () => {
    const record: RawRecord = {
      sid: 'SM1',
      webhooks: [sent],
      record: '{"status": "received"}',
      problem: null,
    };
    const copied = JSON.parse(wholeRecord(record)) as Record<string, unknown>;
    expect(copied['record']).toEqual({ status: 'received' });
    expect(copied['webhooks']).toEqual([
      {
        seq: 7,
        event: 'sms/inbound',
        at: '2026-11-20T09:30:00.000Z',
        state: 'applied',
        fields: [
          ['Body', '<b>“Hi”</b>'],
          ['Body', 'twice'],
        ],
        answer: 200,
        answer_body: '<Response/>',
      },
    ]);
  });

  it('says why there is no record of Twilio’s', () => {
    const record: RawRecord = { sid: null, webhooks: [], record: null, problem: 'Twilio no longer has it.' };
    expect(JSON.parse(wholeRecord(record))).toEqual({
      sid: null,
      record: null,
      problem: 'Twilio no longer has it.',
      webhooks: [],
    });
  });
});
