// Who called, and what came of it in a word, as a row of the list says it.

import type { Call, LastCall } from '../backend/generated/desk';
import { words } from './en';

const said = words.calls.brief;

export type CallSign = 'in' | 'out' | 'missed' | 'voicemail' | 'blocked' | 'failed';

export interface Outcome {
  said: string;
  sign: CallSign;
  /** `missed` wants an answer; `left` has something to hear; `quiet` wants nothing. */
  tone: 'plain' | 'missed' | 'left' | 'quiet';
  /** It is what they said themselves. */
  quoted?: boolean;
}

/** Who is at the other end, as people know them. */
export function caller(call: Pick<Call, 'name' | 'kind' | 'with'>): string {
  return call.name ?? (call.kind === 'hidden' ? words.calls.withheld : call.with);
}

/** A call that wants an answer. */
export const missed = (said: string): Outcome => ({ said, sign: 'missed', tone: 'missed' });

/** The newest call of a conversation, as short as a row of the list. */
export function brief({ incoming, ending, missed: vain, said: message }: LastCall): Outcome {
  if (ending === 'voicemail') {
    const begins = message?.replace(/\s+/g, ' ').trim();
    const left = { sign: 'voicemail', tone: 'left' } as const;
    return begins ? { ...left, said: said.quoted(begins), quoted: true } : { ...left, said: said.voicemail };
  }
  if (vain) return missed(said.missed);
  if (ending === 'blocked') return { said: said.blocked, sign: 'blocked', tone: 'quiet' };
  if (ending === null) return { said: said.going, sign: incoming ? 'in' : 'out', tone: 'plain' };
  if (!incoming) {
    const reached = ending === 'answered' ? said.called : said.notReached;
    return { said: reached, sign: 'out', tone: 'plain' };
  }
  return { said: said.answered, sign: 'in', tone: 'plain' };
}
