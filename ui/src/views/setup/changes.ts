// What is set at Twilio, in words people know instead of addresses.

import type { FieldChange } from '../../backend/generated/desk';
import { setup } from '../../words/setup';

const said = setup.changes;

function parsed(value: string): URL | null {
  try {
    return new URL(value);
  } catch {
    return null;
  }
}

/** A value of a number's: where it leads, as short as it tells. `here` is our own address. */
export function inWords(value: string, here: string | null): string {
  if (value === '') return said.nothing;
  const url = parsed(value);
  if (!url?.host) return value;
  if (here !== null && url.origin === parsed(here)?.origin) return said.here;
  if (url.host === 'demo.twilio.com') return said.demo;
  if (url.host === 'webhooks.twilio.com' || url.host === 'handler.twilio.com') return said.hosted;
  return url.host;
}

/** A change in words. Where both would read the same, what differs is shown: all of both. */
export function change(now: string, then: string, here: string | null): [now: string, then: string] {
  const before = inWords(now, here);
  const after = inWords(then, here);
  return before === after && now !== then ? [now || said.nothing, then || said.nothing] : [before, after];
}

/** What one thing becomes. */
export interface Row {
  what: string;
  before: string;
  after: string;
}

/** The fields of texts and of calls that are said as one where they become the same. */
const PAIRS = [
  ['SmsUrl', 'VoiceUrl', 'urls'],
  ['SmsFallbackUrl', 'VoiceFallbackUrl', 'fallbacks'],
  ['SmsMethod', 'VoiceMethod', 'methods'],
  ['SmsFallbackMethod', 'VoiceFallbackMethod', 'fallbackMethods'],
] as const;

/** Where something goes that did not get through at first. */
const FALLBACKS = ['SmsFallbackUrl', 'VoiceFallbackUrl'];

/** Changes as rows, a phrase each: texts and calls as one where the same becomes of both. */
export function inRows(changes: FieldChange[], here: string | null): Row[] {
  const rows = changes.map(({ field, what, now, then }) => {
    const [before, after] = change(now, then, here);
    const again = after === said.here && FALLBACKS.includes(field);
    return { field, what: said.fields[field] ?? what, before, after: again ? said.again : after };
  });
  const same = (wanted: string, { before, after }: Row) =>
    rows.some((one) => one.field === wanted && one.before === before && one.after === after);
  return rows.flatMap(({ field, ...row }) => {
    if (PAIRS.some(([texts, calls]) => calls === field && same(texts, row))) return [];
    const pair = PAIRS.find(([texts, calls]) => texts === field && same(calls, row));
    return [pair ? { ...row, what: said.both[pair[2]] } : row];
  });
}
