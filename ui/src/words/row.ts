// What a row of the list says of its conversation. All of it at once: a list that is scrolled says little
// else, and each part by itself would cost more than its words.

import type { Colleague, Conversation } from '../backend/generated/desk';
import { brief, type CallSign } from './callers';
import { words } from './en';
import { colour, initials } from './people';
import { shortTime, waitingFor } from './time';

/** Somebody waits visibly only after a while; until then the row's time says enough. */
const WAITS_AFTER = 30 * 60_000;

/** A line that is named in a row. */
export interface NamedLine {
  name: string;
  /** Its place among the lines, where that is known. */
  place?: number;
}

/** Somebody as a sign. */
interface Face {
  letters: string;
  colour: number;
}

export interface Row {
  face: Face;
  name: string;
  line: { said: string; short: string; place: number } | null;
  when: string;
  /** For programs. */
  moment: string;
  /** What stands before what was said last. */
  sign: { call: CallSign; missed: boolean; quoted: boolean } | 'failed' | 'pictures' | null;
  preview: string;
  optedOut: boolean;
  unread: { count: number; said: string } | null;
  done: boolean;
  /** How long they have been waiting, once that is long. */
  waits: string | null;
  assigned: (Face & { said: string }) | null;
}

function lineOf(row: Conversation, { name, place = -1 }: NamedLine): Row['line'] {
  // A number alone is told from the others by its end.
  const short = name === row.line_display ? words.lineEnding(name.replace(/\D/g, '').slice(-4)) : name;
  return { said: words.toLine(name), short, place };
}

const assignedTo = ({ id, name }: Colleague): Row['assigned'] => ({
  letters: initials(name),
  colour: colour(id),
  said: words.assignedTo(name),
});

/** What comes last of it: a draft unless it is open, a call, or a text. */
function lastOf({ last, last_call, draft }: Conversation, current: boolean): Pick<Row, 'sign' | 'preview'> {
  const begun = draft !== null && !current;
  const call = last_call && !begun ? brief(last_call) : null;
  if (call) {
    const { said, sign, tone, quoted = false } = call;
    return { sign: { call: sign, missed: tone === 'missed', quoted }, preview: said };
  }
  const sign = last?.failed ? 'failed' : last && last.pictures > 0 ? 'pictures' : null;
  if (begun) return { sign, preview: words.draft + draft.trim() };
  if (!last) return { sign, preview: '' };
  const text = last.preview.trim() || (last.pictures > 0 ? words.photos(last.pictures) : '');
  return { sign, preview: last.incoming ? text : words.you + text };
}

/** What a row says: of the one that is open (`current`) no draft, and the line only where it is given. */
export function rowOf(row: Conversation, current: boolean, now: number, line: NamedLine | null): Row {
  const { name, display, customer, unread, waiting_since: since } = row;
  const done = row.done_at !== null;
  const waits = since !== null && now - since > WAITS_AFTER;
  return {
    face: { letters: initials(name), colour: colour(customer) },
    name: name ?? display,
    line: line && lineOf(row, line),
    when: shortTime(row.last_at, now),
    moment: new Date(row.last_at).toISOString(),
    ...lastOf(row, current),
    optedOut: row.consent === 'opted_out',
    unread: unread > 0 ? { count: unread, said: words.unreadCount(unread) } : null,
    done,
    waits: waits && !done ? words.waiting(waitingFor(since, now)) : null,
    assigned: row.assigned && assignedTo(row.assigned),
  };
}
