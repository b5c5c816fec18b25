// Words of the log of what Twilio sent.

import type { WebhookState } from '../backend/generated/desk';

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
    'sms/status': 'How far a text got',
    'voice/inbound': 'A call came in',
    'voice/screen': 'A phone of yours picked up',
    'voice/dial-status': 'How ringing your phones ended',
    'voice/voicemail-done': 'A message ended',
    'voice/status': 'How a call goes on or ended',
    'voice/recording': 'A recording is ready',
    'voice/transcription': 'A message was written down',
  } as Record<string, string>,
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
