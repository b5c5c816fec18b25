// Words of the log of what Twilio sent.

import type { Webhook, WebhookState } from '../backend/generated/desk';
import { written } from './numbers';

export const webhooks = {
  list: 'What Twilio sent, newest first',
  show: 'Show',
  filters: { all: 'All', failed: 'Not stored', quarantined: 'Put aside' },
  states: { applied: 'Stored', failed: 'Not stored', quarantined: 'Put aside' } satisfies Record<
    WebhookState,
    string
  >,
  events: {
    'sms/inbound': 'A text came in',
    'sms/status': 'Progress of a text',
    'voice/inbound': 'A call came in',
    'voice/screen': 'A phone of yours picked up',
    'voice/dial-status': 'Your phones stopped ringing',
    'voice/voicemail-done': 'Recording ended',
    'voice/status': 'Progress of a call',
    'voice/recording': 'A recording is ready',
    'voice/transcription': 'A voicemail was written down',
  } as Record<string, string>,
  /** The same, where it is known whom it is about. */
  textFrom: (who: string) => `Text from ${who}`,
  textTo: (who: string, how: string) => `Text to ${who}: ${how}`,
  callFrom: (who: string) => `Call from ${who}`,
  callTo: (who: string) => `Call to ${who}`,
  voicemailLeft: 'A voicemail was left',
  voicemailFrom: (who: string) => `Voicemail from ${who}`,
  ended: (call: string) => `${call} ended`,
  goesOn: (call: string) => `${call}: progress`,
  writtenDown: (voicemail: string) => `${voicemail} was written down`,
  /** How far a text is, by Twilio's word. */
  texts: {
    sent: 'sent',
    delivered: 'delivered',
    read: 'read',
    undelivered: 'not delivered',
    failed: 'not sent',
  } as Record<string, string>,
  progress: 'progress',
  loading: 'Getting what Twilio sent…',
  older: 'Show older',
  asking: 'Looking…',
  again: 'Try again',
  trying: 'Trying…',
  stored: 'It is stored now.',
  notStored: 'It still could not be stored.',
  failed: { title: 'The log could not be shown', text: 'Nothing was lost. Try once more.' },
  empty: {
    all: {
      title: 'Nothing has arrived yet',
      text: 'Every text, call and report Twilio brings is listed here.',
    },
    failed: { title: 'Everything was stored', text: 'What could not be stored would be listed here.' },
    quarantined: {
      title: 'Nothing was put aside',
      text: 'What does not say what it should would be listed here.',
    },
  },
  about: 'About',
  fields: 'What it said',
  field: 'Field',
  value: 'Value',
  answered: (status: number) => `Answered with ${status}`,
  answerTo: (event: string) => `Answer to: ${event}`,
  noAnswer: 'Nothing more was answered.',
} as const;

/** What happened, in words; an event nobody knows keeps its name. */
export const eventSaid = (event: string) => webhooks.events[event] ?? event;

/** What Twilio says of a call that is over. */
const OVER = new Set(['completed', 'busy', 'no-answer', 'failed', 'canceled']);

/** Seconds of a message, at least: who hangs up at the beep leaves none. */
const SHORTEST_MESSAGE = 2;

/** What happened and with whom, for a row of the log; `region`: where numbers are written the short way. */
export function rowSaid({ event, fields }: Pick<Webhook, 'event' | 'fields'>, region: string): string {
  const said = webhooks;
  const field = (wanted: string) => fields.find(({ name }) => name === wanted)?.value ?? '';
  const isOut = event === 'sms/status' || field('Direction').startsWith('outbound');
  const number = field(isOut ? 'To' : 'From');
  const isMessage =
    event === 'voice/voicemail-done' && Number(field('RecordingDuration')) >= SHORTEST_MESSAGE;
  // What hides its number, or is none, is told without.
  if (!/^\+\d{8,15}$/.test(number)) return isMessage ? said.voicemailLeft : eventSaid(event);
  const who = written(number, region);
  const call = isOut ? said.callTo(who) : said.callFrom(who);
  switch (event) {
    case 'sms/inbound':
      return said.textFrom(who);
    case 'sms/status':
      return said.textTo(who, said.texts[field('MessageStatus')] ?? said.progress);
    case 'voice/inbound':
      return call;
    case 'voice/status':
      return OVER.has(field('CallStatus')) ? said.ended(call) : said.goesOn(call);
    case 'voice/voicemail-done':
      return isMessage ? said.voicemailFrom(who) : eventSaid(event);
    case 'voice/transcription':
      return said.writtenDown(said.voicemailFrom(who));
    default:
      return eventSaid(event);
  }
}
