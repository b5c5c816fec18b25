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

/** What becomes the same from the same. */
export interface Row {
  /** What does, in words: at least one. */
  whats: string[];
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

/** What the changes of one row are about, two of a pair as one. */
function whatsOf(changes: FieldChange[]): string[] {
  const has = (wanted: string) => changes.some(({ field }) => field === wanted);
  const pairs = PAIRS.filter(([texts, calls]) => has(texts) && has(calls));
  const follows = pairs.some(([, , both]) => both === 'urls');
  return changes.flatMap(({ field, what }) => {
    if (pairs.some(([, calls]) => calls === field)) return [];
    const pair = pairs.find(([texts]) => texts === field);
    if (!pair) return [what];
    return [pair[2] === 'fallbacks' && follows ? said.alsoFails : said.both[pair[2]]];
  });
}

/** Changes as few rows: what becomes the same from the same stands together. */
export function inRows(changes: FieldChange[], here: string | null): Row[] {
  const rows = new Map<string, { before: string; after: string; of: FieldChange[] }>();
  for (const one of changes) {
    const [before, after] = change(one.now, one.then, here);
    const key = JSON.stringify([before, after]);
    const row = rows.get(key) ?? { before, after, of: [] };
    row.of.push(one);
    rows.set(key, row);
  }
  return [...rows.values()].map(({ before, after, of }) => ({ whats: whatsOf(of), before, after }));
}
