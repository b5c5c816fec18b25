// The way of a call as a picture: one step under the other, and what lies beside the way.

import type { Phone, Route, Settings } from '../../backend/generated/desk';
import { words } from '../../words/en';
import { atTime, soon } from './clock';
import { daysUntil, minuteOf } from './hours';
import { called } from '../../words/numbers';
import { routing } from '../../words/routing';

export type Icon = 'caller' | 'phone' | 'voicemail' | 'message' | 'talk' | 'text' | 'away';

/** What a branch to the side leads to. */
export interface Side {
  /** Said on the wire to it; none where it hangs below the side of the step before. */
  answer: string | null;
  text: string;
  icon?: Icon;
  /** Whether it may still come to this; drawn dashed where not. */
  open: boolean;
}

export interface Step {
  text: string;
  detail?: string;
  icon?: Icon;
  question?: boolean;
  /** Certain, where the call is then, or open. */
  state: 'sure' | 'here' | 'open';
  /** Said on the wire to the next step. */
  answer?: string;
  side?: Side;
}

const said = routing.flow;

/** Who rings, and how long. */
function ringing(phones: Phone[], plan: Route['plan'] & { kind: 'forward' }, region: string): Step {
  const [first, second, ...more] = phones.map((phone) => called(phone, region));
  const names = [first ?? said.phone, ...(second ? [second] : [])];
  const each = plan.ring === 'at_once' ? said.upToAll : said.upToEach;
  return {
    icon: 'phone',
    text: more.length > 0 ? said.ringsMany(phones.length) : said.rings(words.and(names)),
    detail: second ? each(plan.ring_seconds) : said.upTo(plan.ring_seconds),
    state: 'here',
  };
}

/** The steps of a call that is treated so, from the top. */
export function flow(route: Route, settings: Settings): Step[] {
  const { plan, reasons, open, until_local: until, local } = route;
  const { calls, hours, region } = settings;
  const why = new Set(reasons.map((reason) => reason.why));
  const sure = (text: string, answer: string, beside?: [answer: string, text: string]): Step => ({
    text,
    answer,
    question: true,
    state: 'sure',
    ...(beside && { side: { answer: beside[0], text: beside[1], open: false } }),
  });
  const steps: Step[] = [{ icon: 'caller', text: said.someone, detail: route.line_display, state: 'sure' }];

  if (plan.kind === 'reject') {
    steps.push(sure(said.blocked, said.yes));
    steps.push({ icon: 'away', text: said.turnedAway, detail: said.turnedAwayHint, state: 'here' });
    return steps;
  }

  const opens = until ? said.noUntil(soon(until, local)) : said.no;
  if (why.has('closed_early')) {
    steps.push(sure(said.early, said.yes, [said.no, said.open]));
  } else {
    if (route.holiday) steps.push(sure(said.holiday, said.yesHoliday(route.holiday)));
    else if (hours.holidays.length > 0) {
      steps.push(sure(said.holiday, said.no, [said.yes, said.holidayGreeting]));
    }
    const today = until !== null && daysUntil(until, local) === 0;
    const closes = today ? said.yesUntil(atTime(minuteOf(until))) : said.yes;
    steps.push(
      open
        ? sure(said.open, closes, [said.no, said.closedGreeting])
        : sure(said.open, opens, [said.yes, said.rings(said.phone)]),
    );
  }
  if (why.has('forwarding_off')) steps.push(sure(said.forwardingOff, said.off));
  else if (why.has('no_phone')) steps.push(sure(said.forwardingOff, said.noPhone));

  const textBack = calls.text_back.on;
  if (plan.kind === 'forward') {
    steps.push(ringing(plan.phones, plan, region));
    steps.push({
      question: true,
      text: plan.screening ? said.presses : said.picksUp,
      answer: said.yes,
      state: 'open',
      side: { answer: said.no, text: said.voicemail, icon: 'voicemail', open: true },
    });
    steps.push({
      icon: 'talk',
      text: said.talking,
      state: 'open',
      ...(textBack && { side: { answer: null, text: said.textBack, icon: 'text', open: true } }),
    });
    return steps;
  }
  steps.push(
    plan.kind === 'voicemail'
      ? { icon: 'voicemail', text: said.voicemail, detail: said.voicemailHint, state: 'here' }
      : { icon: 'message', text: said.message, detail: said.messageHint, state: 'here' },
  );
  if (textBack) steps.push({ icon: 'text', text: said.textBack, state: 'open' });
  return steps;
}

/** The picture in sentences, for who cannot see it. */
export function spoken(steps: Step[]): string[] {
  return steps.flatMap(({ text, detail, question, answer, side, state }, at) => {
    if (!question) {
      // What hangs below a side was said with it.
      return state === 'open' && at > 0 && steps[at - 1]?.question ? [] : [said.said.step(text, detail)];
    }
    if (state !== 'open') return [said.said.answer(text, answer ?? '')];
    const [yes, no] = [steps[at + 1], side];
    return [
      ...(yes ? [said.said.ifYes(text, yes.text)] : []),
      ...(no ? [said.said.ifNo(no.text)] : []),
      ...(yes?.side ? [said.said.afterwards(yes.side.text)] : []),
    ];
  });
}

/** How far the way is certain: said by the name of the step the call comes to, not by a colour. */
export function certainty(steps: Step[]): string {
  const here = steps.find(({ state }) => state === 'here');
  const depends = steps.some(({ state, question }) => state === 'open' && question);
  return (depends ? routing.preview.certain : routing.preview.sure)(here?.text ?? '');
}

/** Phones that do not ring although they are listed, and why. */
export function leftOut(route: Route, phones: Phone[], region: string): string[] {
  return route.reasons.flatMap((reason) => {
    if (reason.why !== 'own_line' && reason.why !== 'caller_is_phone') return [];
    const phone = phones.find(({ number }) => number === reason.number) ?? {
      name: '',
      number: reason.number,
    };
    return [routing.preview.leftOut[reason.why](called(phone, region))];
  });
}
