// What came of a call, in words and with a sign; never by colour alone.

import type { Call, Leg, Plan, TimelineCall, Why } from '../backend/generated/desk';
import { missed, type Outcome } from './callers';
import { called, written } from './numbers';
import { words } from './en';
import { lasted } from './time';

export const calls = {
  ...words.calls,

  log: 'Call log, newest first',
  filters: {
    all: 'All',
    missed: 'Missed',
    answered: 'Answered',
    voicemail: 'Voicemail',
    outgoing: 'You called',
  },
  search: 'Name or number',
  columns: {
    who: 'Who',
    what: 'What happened',
    line: 'Line',
    length: 'Length',
    time: 'Time',
    act: 'Actions',
  },
  day: (calls: number, missed: number) => {
    const all = calls === 1 ? '1 call' : `${calls} calls`;
    return missed === 0 ? all : `${all}, ${missed} missed`;
  },
  several: (n: number) => `${n} calls`,
  showEach: (name: string) => `from ${name}, show each`,
  live: 'Live',
  noWayBack: 'Cannot be called back',
  blocked: 'Blocked',
  textedBack: 'texted back',
  noLength: 'none',
  back: 'Call back',
  backTo: (name: string) => `Call back ${name}`,
  listen: 'Listen',
  listenTo: (name: string) => `Listen to the voicemail from ${name}`,
  nothingToHear: {
    text: 'That voicemail was deleted.',
    hint: 'Who called, and when, stays in the log.',
  },
  text: 'Text',
  open: 'Open conversation',
  block: 'Block',
  unblock: 'Unblock',
  heard: 'What they heard',
  rung: 'Who was rung',
  tried: 'What was tried',
  nothingMore: 'Nothing more is known of this call.',
  loading: 'Getting your calls…',
  failed: { title: 'Your calls could not be shown', text: 'Nothing was lost. Try once more.' },
  lookedThrough: (n: number) => `Found among the newest ${n} calls.`,
  lookFurther: 'Look further back',
  outcome: {
    ringing: 'Ringing now',
    onTheLine: 'On the line',
    talkingTo: (name: string | null) => (name ? `Talking to ${name}` : 'Talking'),
    answered: (name: string | null) => (name ? `Answered by ${name}` : 'Answered'),
    voicemail: 'Left a voicemail',
    closedVoicemail: 'After hours, left a voicemail',
    missedVoicemail: 'Nobody took the call, left a voicemail',
    rang: (seconds: number) => `Missed, rang ${seconds} s`,
    hungUpRinging: 'Hung up while it rang',
    hungUpGreeting: 'Hung up during the greeting',
    closedGreeting: 'After hours, hung up during the greeting',
    screenedOut: 'Picked up, but nobody pressed 1',
    heardMessage: 'Heard that you’re closed',
    blocked: words.calls.brief.blocked,
    notPutThrough: 'Could not be put through',
    unknown: 'Called, how it ended is not known yet',
    yourPhone: 'Your phone is ringing',
    calling: 'You’re calling them',
    talking: 'You’re talking',
    called: 'You called',
    busy: 'You called, busy',
    noAnswer: 'You called, no answer',
    hungUpFirst: 'You called, hung up before they answered',
    notCalled: 'Not called, you did not pick up and press 1',
    notPlaced: 'You called, it did not go through',
  },
  /** Below what a slip is called, a part each. */
  slip: {
    afterHours: 'after hours',
    nobody: 'nobody took the call',
    rang: (seconds: number) => `rang ${seconds} s`,
    hungUpRinging: 'hung up while it rang',
    hungUpGreeting: 'hung up during the greeting',
    screenedOut: 'picked up, but nobody pressed 1',
    heardMessage: 'heard that you’re closed',
    notPutThrough: 'could not be put through',
  },
  leg: {
    ringing: 'rings now',
    talking: 'talks now',
    talked: (time: string | null) => (time ? `talked ${time}` : 'talked'),
    accepted: 'picked up and pressed 1',
    declined: 'picked up, did not press 1',
    pickedUp: 'picked up',
    busy: 'was busy',
    noAnswer: 'rang, did not pick up',
    canceled: 'rang, until the call went on without it',
    failed: 'could not be reached',
  },
  why: {
    blocked: 'You blocked this caller.',
    closed_early: 'You had closed early.',
    holiday: (name: string) => `It was a holiday: ${name}.`,
    open: 'You were open.',
    closed: 'You were closed.',
    forwarding_off: 'Forwarding was off, so no phone rang.',
    no_phone: 'No phone was set to ring.',
    own_line: (number: string) => `${number} was left out, because it is one of your lines.`,
    caller_is_phone: (number: string) => `${number} was left out, because the call came from it.`,
  },
  plan: {
    reject: 'The call was not put through.',
    one: (phone: string, seconds: number) => `${phone} was to ring for up to ${seconds} s.`,
    in_order: (phones: string, seconds: number) =>
      `${phones} were to ring one after another, up to ${seconds} s each.`,
    at_once: (phones: string, seconds: number) => `${phones} were to ring together, for up to ${seconds} s.`,
    voicemail: 'They heard your greeting and could leave a message.',
    message: 'They heard that you’re closed, and the call ended there.',
    hungUp: 'They hung up during the greeting.',
  },

  empty: {
    all: { title: 'No calls yet', text: 'Calls in and out are listed here.' },
    missed: { title: 'No missed calls', text: 'Everybody who called got through, or left a message.' },
    answered: { title: 'No answered calls', text: 'Calls somebody of you took are listed here.' },
    voicemail: { title: 'No voicemail', text: 'Callers who left a message are listed here.' },
    outgoing: { title: 'You haven’t called anybody', text: 'Call somebody back, and it is listed here.' },
    found: { title: 'Nobody of that name or number', text: 'Try fewer letters, or part of the number.' },
    /** Where one line was chosen for the whole window. */
    oneLine: 'Only one of your lines is shown.',
    allLines: 'Show all lines',
    setUp: 'Choose whose phone rings',
    showAll: 'Show all calls',
  },
} as const;

const { outcome: said, leg: rung, why, plan: planned } = calls;

/** What came of a call, or how far it is. */
export function outcome(call: Call): Outcome {
  if (call.live) return { said: progress(call), sign: call.incoming ? 'in' : 'out', tone: 'plain' };
  return call.incoming ? theirs(call) : ours(call);
}

function theirs(call: Call): Outcome {
  switch (call.ending) {
    case 'answered':
      return { said: said.answered(call.answered_by), sign: 'in', tone: 'plain' };
    case 'voicemail':
      return { said: left(call), sign: 'voicemail', tone: 'left' };
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

function left(call: Call): string {
  if (call.plan?.kind === 'forward') return said.missedVoicemail;
  return isClosed(call) ? said.closedVoicemail : said.voicemail;
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

/** What lies at the desk after a call: what it is called, and how it came about. */
export function slip(call: TimelineCall): { title: string; about: string[] } {
  const { brief } = words.calls;
  const about = circumstances(call);
  return {
    title: call.voicemail ? brief.voicemail : brief.missed,
    about: call.texted_back ? [...about, calls.textedBack] : about,
  };
}

function circumstances(call: TimelineCall): string[] {
  const { slip } = calls;
  const rang = rangFor(call);
  const late = isClosed(call) ? [slip.afterHours] : [];
  switch (call.ending) {
    case 'voicemail':
      if (call.plan?.kind !== 'forward') return late;
      return [rang > 0 ? slip.rang(rang) : slip.nobody];
    case 'hung_up_greeting':
      return rang > 0 ? [slip.rang(rang)] : [...late, slip.hungUpGreeting];
    case 'hung_up_ringing':
      return [slip.hungUpRinging];
    case 'screened_out':
      return [slip.screenedOut];
    case 'heard_message':
      return [slip.heardMessage];
    case 'failed':
      return [slip.notPutThrough];
    default:
      return [];
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
  const phones = words.and(plan.phones.map((phone) => called(phone, region)));
  return planned[plan.phones.length === 1 ? 'one' : plan.ring](phones, plan.ring_seconds);
}
