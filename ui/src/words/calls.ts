// What came of a call, in words and with a sign; never by colour alone.

import type { Call, LastCall, Leg, Plan, Why } from '../backend/generated/desk';
import { called, written } from './numbers';
import { words } from './en';
import { lasted } from './time';

const { brief: short, outcome: said, leg: rung, why, plan: planned } = words.calls;

export type CallSign = 'in' | 'out' | 'missed' | 'voicemail' | 'blocked' | 'failed';

export interface Outcome {
  said: string;
  sign: CallSign;
  /** `missed` wants an answer; `left` has something to hear; `quiet` wants nothing. */
  tone: 'plain' | 'missed' | 'left' | 'quiet';
}

/** Who is at the other end, as people know them. */
export function caller(call: Pick<Call, 'name' | 'kind' | 'with'>): string {
  return call.name ?? (call.kind === 'hidden' ? words.calls.withheld : call.with);
}

/** What came of a call, or how far it is. */
export function outcome(call: Call): Outcome {
  if (call.live) return { said: progress(call), sign: call.incoming ? 'in' : 'out', tone: 'plain' };
  return call.incoming ? theirs(call) : ours(call);
}

const missed = (said: string): Outcome => ({ said, sign: 'missed', tone: 'missed' });

function theirs(call: Call): Outcome {
  switch (call.ending) {
    case 'answered':
      return { said: said.answered(call.answered_by), sign: 'in', tone: 'plain' };
    case 'voicemail':
      if (call.plan?.kind === 'forward') return missed(said.missedVoicemail);
      return {
        said: isClosed(call) ? said.closedVoicemail : said.voicemail,
        sign: 'voicemail',
        tone: 'left',
      };
    case 'hung_up_greeting': {
      const rang = rangFor(call);
      if (rang > 0) return missed(said.rang(rang));
      return missed(isClosed(call) ? said.closedGreeting : said.hungUpGreeting);
    }
    case 'hung_up_ringing':
      return missed(said.hungUpRinging);
    case 'screened_out':
      return missed(said.screenedOut);
    case 'heard_message':
      return missed(said.heardMessage);
    case 'failed':
      return { said: said.notPutThrough, sign: 'failed', tone: 'missed' };
    case 'blocked':
      return { said: said.blocked, sign: 'blocked', tone: 'quiet' };
    default:
      return { said: said.unknown, sign: 'in', tone: 'quiet' };
  }
}

function ours(call: Call): Outcome {
  switch (call.ending) {
    case 'busy':
      return { said: said.busy, sign: 'out', tone: 'plain' };
    case 'no_answer':
      return { said: said.noAnswer, sign: 'out', tone: 'plain' };
    case 'canceled':
      // Theirs rang where there is a leg: it is ours that was put down.
      return { said: call.legs.length > 0 ? said.hungUpFirst : said.notCalled, sign: 'out', tone: 'quiet' };
    case 'failed':
      return { said: said.notPlaced, sign: 'failed', tone: 'missed' };
    default:
      return { said: said.called, sign: 'out', tone: 'plain' };
  }
}

function progress(call: Call): string {
  const at = step(call);
  if (!call.incoming) return { phone: said.yourPhone, them: said.calling, talking: said.talking }[at];
  if (at === 'talking') {
    const ours = call.answered_by ?? call.legs.find((leg) => isTalking(call, leg))?.phone;
    return said.talkingTo(ours ?? null);
  }
  const rings = call.status !== 'in-progress' || call.legs.some((leg) => isRinging(leg));
  return rings ? said.ringing : said.onTheLine;
}

/** How far a call is that goes on. One of ours rings our own phone first; its leg is the customer's. */
export function step(call: Call): 'phone' | 'them' | 'talking' {
  if (call.ending === 'answered' || call.legs.some((leg) => isTalking(call, leg))) return 'talking';
  return call.legs.length > 0 ? 'them' : 'phone';
}

/** Whether whoever picks up must press 1 before they are connected. */
function isScreened({ plan }: Call): boolean {
  return plan?.kind === 'forward' && plan.screening;
}

function isTalking(call: Call, leg: Leg): boolean {
  if (!call.live) return false;
  const up = leg.status === 'in-progress' || leg.status === 'answered';
  return leg.bridged || (up && (leg.screened === 'accepted' || !isScreened(call)));
}

function isRinging({ status }: Leg): boolean {
  return status === 'queued' || status === 'initiated' || status === 'ringing';
}

function isClosed({ reasons }: Call): boolean {
  const found = new Set(reasons.map((reason) => reason.why));
  return !found.has('open') && (['closed', 'closed_early', 'holiday'] as const).some((one) => found.has(one));
}

/** Seconds the phones rang in vain; none where no phone rang to its end. */
function rangFor({ plan, legs }: Call): number {
  const vain = legs.filter((leg) => leg.status === 'no-answer').length;
  if (plan?.kind !== 'forward') return 0;
  return plan.ring_seconds * (plan.ring === 'at_once' ? Math.min(vain, 1) : vain);
}

/** What came of one phone that was rung, as the end of a sentence that begins with its name. */
export function legSaid(call: Call, leg: Leg): string {
  if (isTalking(call, leg)) return rung.talking;
  if (leg.bridged) return rung.talked(leg.seconds === null ? null : lasted(leg.seconds));
  if (leg.screened) return rung[leg.screened];
  if (isRinging(leg)) return rung.ringing;
  switch (leg.status) {
    case 'in-progress':
    case 'answered':
      return rung.pickedUp;
    case 'completed':
      return isScreened(call) ? rung.declined : rung.pickedUp;
    case 'busy':
      return rung.busy;
    case 'no-answer':
      return rung.noAnswer;
    case 'failed':
      return rung.failed;
    case 'canceled':
      return rung.canceled;
    default:
      return words.delivery.other(leg.status);
  }
}

/** Whether anything more is known of a call than what came of it. */
export function isTold({ reasons, plan, legs, failure }: Call): boolean {
  return reasons.length > 0 || plan !== null || legs.length > 0 || failure !== null;
}

/** Why the caller heard what they heard, a sentence each, in the order it was decided. */
export function heard(call: Call, region: string): string[] {
  return [
    ...call.reasons.map((reason) => reasonSaid(reason, region)),
    ...(call.plan ? [planSaid(call.plan, region)] : []),
    ...(call.ending === 'hung_up_greeting' ? [planned.hungUp] : []),
  ];
}

function reasonSaid(reason: Why, region: string): string {
  switch (reason.why) {
    case 'holiday':
      return why.holiday(reason.name);
    case 'own_line':
    case 'caller_is_phone':
      return why[reason.why](written(reason.number, region));
    default:
      return why[reason.why];
  }
}

function planSaid(plan: Plan, region: string): string {
  if (plan.kind !== 'forward') return planned[plan.kind];
  const phones = words.routing.and(plan.phones.map((phone) => called(phone, region)));
  return planned[plan.phones.length === 1 ? 'one' : plan.ring](phones, plan.ring_seconds);
}

/** The newest call of a conversation, as short as a row of the list. */
export function brief({ incoming, ending, missed: vain }: LastCall): Outcome {
  if (ending === 'voicemail') return { said: short.voicemail, sign: 'voicemail', tone: 'left' };
  if (vain) return missed(short.missed);
  if (ending === 'blocked') return { said: said.blocked, sign: 'blocked', tone: 'quiet' };
  if (ending === null) return { said: short.going, sign: incoming ? 'in' : 'out', tone: 'plain' };
  if (!incoming) {
    const reached = ending === 'answered' ? short.called : short.notReached;
    return { said: reached, sign: 'out', tone: 'plain' };
  }
  return { said: short.answered, sign: 'in', tone: 'plain' };
}
