// Where Twilio's record of something is shown: the window knows, and what lies between need not.

import { createContext } from 'svelte';
import type { RawRecord, RawRecordRequest, Webhook } from '../../backend/generated/desk';

/** Shows Twilio's record of a text, a call or a voicemail. */
export type ShowRecord = (about: RawRecordRequest) => void;

export const [showRecord, setShowRecord] = createContext<ShowRecord>();

/** What Twilio sent, as whoever helps can read it. */
const told = ({ seq, event, at, state, problem, answer, fields, answer_body }: Webhook) => ({
  seq,
  event,
  at: new Date(at).toISOString(),
  state,
  ...(problem !== null && { problem }),
  fields: fields.map(({ name, value }) => [name, value]),
  answer,
  answer_body,
});

/** JSON as it is, or the words where it is none. */
function parsed(record: string): unknown {
  try {
    return JSON.parse(record);
  } catch {
    return record;
  }
}

/** All of a record as one text to be copied. */
export function wholeRecord({ sid, webhooks, record, problem }: RawRecord): string {
  const whole = {
    sid,
    record: record === null ? null : parsed(record),
    ...(problem !== null && { problem }),
    webhooks: webhooks.map(told),
  };
  return JSON.stringify(whole, null, 2);
}
