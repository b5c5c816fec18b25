import { describe, expect, it } from 'vitest';
import { rowSaid } from './webhooks';

const PRIYA = '+14155550123';
const OURS = '+15005550006';
const said = (event: string, fields: Record<string, string>) =>
  rowSaid({ event, fields: Object.entries(fields).map(([name, value]) => ({ name, value })) }, 'US');

describe('a row of the log', () => {
  it('says whom it is about', () => {
    expect(said('sms/inbound', { From: PRIYA, To: OURS })).toBe('Text from (415) 555-0123');
    expect(said('voice/inbound', { From: PRIYA, To: OURS, Direction: 'inbound' })).toBe(
      'Call from (415) 555-0123',
    );
    expect(said('voice/voicemail-done', { From: PRIYA, RecordingDuration: '2' })).toBe(
      'Voicemail from (415) 555-0123',
    );
    expect(said('voice/transcription', { From: PRIYA })).toBe(
      'Voicemail from (415) 555-0123 was written down',
    );
  });

  it('says how far it is', () => {
    const text = (MessageStatus: string) => said('sms/status', { From: OURS, To: PRIYA, MessageStatus });
    expect(['delivered', 'undelivered', 'queued'].map(text)).toEqual([
      'Text to (415) 555-0123: delivered',
      'Text to (415) 555-0123: not delivered',
      'Text to (415) 555-0123: progress',
    ]);
    const call = (Direction: string, CallStatus: string) =>
      said('voice/status', { From: PRIYA, To: OURS, Direction, CallStatus });
    expect(call('inbound', 'completed')).toBe('Call from (415) 555-0123 ended');
    expect(call('inbound', 'in-progress')).toBe('Call from (415) 555-0123: progress');
    expect(call('outbound-api', 'no-answer')).toBe('Call to (500) 555-0006 ended');
  });

  it('calls it no voicemail where they hung up at the beep', () => {
    for (const From of [PRIYA, 'anonymous']) {
      expect(said('voice/voicemail-done', { From, RecordingDuration: '1' })).toBe('Recording ended');
      expect(said('voice/voicemail-done', { From })).toBe('Recording ended');
    }
  });

  it('does without a number where there is none to tell', () => {
    expect(said('voice/inbound', { From: 'anonymous', To: OURS })).toBe('A call came in');
    expect(said('voice/voicemail-done', { From: 'anonymous', RecordingDuration: '8' })).toBe(
      'A voicemail was left',
    );
    expect(said('voice/recording', {})).toBe('A recording is ready');
    expect(said('fax/inbound', { From: PRIYA })).toBe('fax/inbound');
  });
});
