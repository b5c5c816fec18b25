import { describe, expect, it } from 'vitest';
import type { Backend, Command } from '../../backend/backend';
import type { Backup, Call, FieldChange, Settings, TimelineItem } from '../../backend/generated/desk';
import { isByHand, press, pressed } from './backup';
import { change, inRows, inWords } from './changes';
import { isRecorded, untold, withSentence } from './notice';
import { isAnswered, newCall, talk } from './trial';

describe('a change at Twilio', () => {
  const HERE = 'https://phone.example.com';
  it('says where things lead instead of addresses', () => {
    expect(inWords('', HERE)).toBe('nothing');
    expect(inWords('POST', HERE)).toBe('POST');
    expect(inWords(`${HERE}/phone/twilio/sms/inbound#rc=5`, HERE)).toBe('this computer');
    expect(inWords('https://demo.twilio.com/welcome/voice/', HERE)).toBe('a Twilio demo message');
    expect(inWords('https://webhooks.twilio.com/v1/Accounts/AC/Flows/FW', HERE)).toBe(
      'your backup at Twilio',
    );
    expect(inWords('https://old.example.com/x', null)).toBe('old.example.com');
  });

  it('shows all of both where the short words are the same', () => {
    expect(change('https://a.example/1', 'https://a.example/2', null)).toEqual([
      'https://a.example/1',
      'https://a.example/2',
    ]);
    expect(change('', HERE, HERE)).toEqual(['nothing', 'this computer']);
  });
});

describe('what changes of a number', () => {
  const HERE = 'https://phone.example.com';
  const DEMO = 'https://demo.twilio.com/welcome';
  const to = (field: string, what: string, now: string): FieldChange => ({
    field,
    what,
    now,
    then: `${HERE}/${field}`,
  });
  const all = (texts: string, calls: string) => [
    to('SmsUrl', 'Texts go to', texts),
    to('SmsFallbackUrl', 'When that fails, texts go to', ''),
    to('VoiceUrl', 'Calls go to', calls),
    to('VoiceFallbackUrl', 'When that fails, calls go to', ''),
    to('StatusCallback', 'The end of calls is told to', ''),
  ];

  it('is a row for each thing, texts and calls as one where the same becomes of both', () => {
    expect(inRows(all('', ''), HERE)).toEqual([
      { what: 'Texts and calls', before: 'nothing', after: 'this computer' },
      {
        what: 'If this computer does not answer',
        before: 'nothing',
        after: 'this computer, once more',
      },
      { what: 'Call endings', before: 'nothing', after: 'this computer' },
    ]);
    expect(inRows(all(DEMO, DEMO), HERE)[0]).toEqual({
      what: 'Texts and calls',
      before: 'a Twilio demo message',
      after: 'this computer',
    });
  });

  it('stands apart where it does not', () => {
    const [texts, calls] = [to('SmsUrl', 'Texts go to', DEMO), to('VoiceUrl', 'Calls go to', '')];
    expect(inRows([texts, calls], HERE).map(({ what }) => what)).toEqual(['Texts', 'Calls']);
    expect(inRows([calls], HERE).map(({ what }) => what)).toEqual(['Calls']);
    expect(inRows([], HERE)).toEqual([]);
  });

  it('is said in the desk’s words where ours have none', () => {
    const trunk = { field: 'TrunkSid', what: 'Calls are taken by the trunk', now: 'TK1', then: '' };
    expect(inRows([trunk], HERE)).toEqual([{ what: trunk.what, before: 'TK1', after: 'nothing' }]);
  });
});

describe('the sleep backup', () => {
  const BIN = 'https://handler.twilio.com/twiml/EH1';
  const backup = (state: Backup['state'], url: string | null = null) => ({ state, url }) as Backup;

  it('has a press for what a press can do', () => {
    expect(press(backup('off'))).toBe('Set up the sleep backup');
    expect(press(backup('old', 'https://webhooks.twilio.com/v1/x'))).toBe('Bring it up to date');
    expect(press(backup('old', BIN))).toBeNull();
    expect([isByHand(backup('old', BIN)), isByHand(backup('by_hand')), isByHand(backup('old'))]).toEqual([
      true,
      true,
      false,
    ]);
    expect(press(backup('by_hand'))).toBe('Try again to make it for me');
    expect([press(backup('unheard')), press(backup('ready'))]).toEqual([null, null]);
  });

  it('is not made anew where the owner’s own is only unused', async () => {
    const asked: unknown[] = [];
    const call = (command: Command, request: unknown) => Promise.resolve(asked.push([command, request]));
    const backend = { call } as unknown as Backend;
    await pressed(backend, backup('unused', BIN));
    await pressed(backend, backup('unused', 'https://webhooks.twilio.com/v1/x'));
    await pressed(backend, backup('by_hand'));
    expect(asked).toEqual([
      ['backup_bin', { url: BIN }],
      ['make_backup', {}],
      ['make_backup', {}],
    ]);
  });
});

describe('a text to oneself', () => {
  const text = (id: string, incoming: boolean) => ({ type: 'text', id, incoming }) as TimelineItem;
  const timeline = [
    text('old answer', true),
    text('sent before', false),
    text('sent', false),
    { type: 'note', id: 'note' } as TimelineItem,
    text('answer', true),
  ];
  it('is answered by what comes after it', () => {
    expect(talk(timeline, 'sent').map(({ id }) => id)).toEqual(['sent', 'answer']);
    expect(isAnswered(talk(timeline, 'sent'))).toBe(true);
    expect(isAnswered(talk(timeline.slice(0, 3), 'sent'))).toBe(false);
    expect(talk(timeline, 'elsewhere')).toEqual([]);
  });

  it('and a call counts that came in since', () => {
    const call = (id: string, incoming: boolean, at: number) => ({ id, incoming, at }) as Call;
    const calls = [call('ours', false, 30), call('theirs', true, 20), call('old', true, 10)];
    expect(newCall(calls, 20)?.id).toBe('theirs');
    expect(newCall(calls, 21)).toBeNull();
  });
});

describe('telling callers that they are recorded', () => {
  const greetings = (open: string, closed: string, recording: string | null = null) =>
    ({
      open: { text: open, recording: null },
      closed: { text: closed, recording },
      message: { text: 'We are closed.', recording: null },
    }) as Settings['calls']['greetings'];

  it('adds the sentence once, where a message is taken', () => {
    const both = greetings('Leave a message.', 'This call is recorded.');
    expect(untold(both)).toEqual(['open']);
    expect(withSentence(both)).toEqual({
      calls: { greetings: { open: { text: 'Leave a message. Your message will be recorded.' } } },
    });
  });

  it('leaves recordings of the owner’s own alone', () => {
    const own = greetings('Your message will be recorded.', '', 'a1');
    expect([untold(own), isRecorded(own)]).toEqual([[], true]);
  });
});
