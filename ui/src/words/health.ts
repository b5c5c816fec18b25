// The words of the line check-up, and of how the line is. What a check found is said by the desk.

import type { Check, Grade, Health } from '../backend/generated/desk';
import { words } from './en';
import { atTime, shortTime } from './time';

/** Small numbers as people write them at the head of a sentence. */
const NUMBERS = ['No', 'One', 'Two', 'Three', 'Four', 'Five', 'Six', 'Seven', 'Eight', 'Nine'];

export const health = {
  title: 'Line check-up',
  skip: 'Skip to the check-up',
  pages: 'What to look at',
  checkup: 'Check-up',
  log: 'What Twilio sent',
  list: 'What was looked at',

  again: 'Check again',
  looking: 'Checking…',
  first: 'Looking your line over…',
  failed: 'Your line could not be looked over.',
  well: 'All is well',
  needs: (n: number) => (n === 1 ? 'One thing needs you' : `${NUMBERS[n] ?? String(n)} things need you`),
  toLookAt: (n: number) =>
    n === 1 ? 'One thing to look at' : `${NUMBERS[n] ?? String(n)} things to look at`,
  nothingKnown: 'Nothing could be looked at',
  notAsked: 'Twilio was not asked, so some of it is not known.',
  justNow: 'Checked just now',
  checked: (when: string) => `Checked ${when}`,
  took: (ms: number) => {
    const seconds = Math.round(ms / 1_000);
    if (seconds < 1) return 'took less than a second';
    return seconds === 1 ? 'took 1 second' : `took ${seconds} seconds`;
  },
  grades: {
    pass: 'In order',
    warn: 'Look at it',
    fail: 'Needs you',
    unknown: 'Not looked at',
  } satisfies Record<Grade, string>,
  unknown: (n: number) => `Not looked at (${n})`,
  why: 'Why it matters',
  hint: 'What to do',
  details: 'For whoever keeps this computer running',
  fixing: 'Mending…',
  elsewhere: 'Do this in Ringdesk’s own window, on the computer it runs on.',

  needsYou: 'Something needs you',
  lookAt: 'Something to look at',
  refused: {
    message: 'Twilio no longer accepts your sign-in.',
    hint: 'The token may have been changed. Connect again, and texts and calls go on.',
    elsewhere: 'Connect again in Ringdesk’s own window, on the computer it runs on.',
  },
  light: {
    refused: 'Twilio no longer accepts your sign-in',
    refusedHint: 'The token may have been changed',
    anew: 'Connect again',
    opening: 'Opening the way to you',
    openingHint: 'Customers reach you as soon as it is open',
    choose: 'Choose the way',
    unreachable: 'Customers can’t reach you',
    unreachableHint: 'Nobody comes through to this computer from outside',
    check: 'Check the line',
    moved: 'Your line posts to an old address',
    movedHint: 'Texts and calls go where this computer was before',
    point: 'Point it here',
    pointing: 'Pointing it here…',
    pointed: 'Your lines point here again.',
    goOn: 'Go on with setting up',
  },
} as const;

/** The head of a check-up, by what was found. */
export function headline(grades: readonly Grade[]): string {
  const count = (grade: Grade) => grades.filter((one) => one === grade).length;
  if (count('fail') > 0) return health.needs(count('fail'));
  if (count('warn') > 0) return health.toLookAt(count('warn'));
  return count('pass') > 0 ? health.well : health.nothingKnown;
}

/** A check as it is heard. */
export const heard = ({ title, grade, said }: Pick<Check, 'title' | 'grade' | 'said'>) =>
  `${title}: ${health.grades[grade]}. ${said}`;

/** What the placard says of the line. */
export interface Placard {
  title: string;
  hint: string;
  /** More about it, for whoever points at it; the hint where there is none. */
  tip?: string;
  /** Whether the light is not green. */
  bad: boolean;
  /** What can be done about it: connect again, choose a way, point the lines here, or look the line over. */
  act: 'account' | 'way' | 'point' | 'check' | null;
}

function unreachable({ address }: Health): Placard {
  const said = health.light;
  if (address === 'opening') return { title: said.opening, hint: said.openingHint, bad: true, act: 'check' };
  if (address === 'failed' || address === 'blocked')
    return { title: said.unreachable, hint: said.unreachableHint, bad: true, act: 'check' };
  return { title: words.placard.unreachable, hint: words.placard.unreachableHint, bad: true, act: 'way' };
}

/** What the placard at the foot of the navigation says. What is worst for a caller comes first. */
export function placardOf(found: Health | null, practice: boolean, now: number): Placard {
  const said = words.placard;
  if (found?.sign_in_refused)
    return { title: health.light.refused, hint: health.light.refusedHint, bad: true, act: 'account' };
  if (found && !found.connected)
    return { title: said.offline, hint: said.offlineHint, bad: true, act: 'check' };
  if (found && !found.reachable) return unreachable(found);
  if (found?.moved)
    return { title: health.light.moved, hint: health.light.movedHint, bad: true, act: 'point' };
  // What is only to be looked at takes nothing from the light.
  const bad = found?.checkup === 'fail';
  const act = bad ? 'check' : null;
  const title = practice ? said.practice : said.connected;
  const heard = found?.last_webhook_at;
  const tip = practice ? said.practiceHint : heard ? said.heard(shortTime(heard, now)) : said.notHeard;
  // That they arrive is said only where somebody looked.
  const reached = found?.address === 'open' && found.checkup !== null;
  const hint = practice ? said.practiceHint : !found ? '' : reached ? said.reached : tip;
  // What holds all the same is said after it; not that calls arrive: what fails may keep them away.
  if (bad) return { title: health.needsYou, hint: `${title}. ${tip}`, tip, bad, act };
  return { title, hint, tip, bad, act };
}

/** What the mark at the check-up's entry says; null where there is none. */
export function markOf(found: Health | null, { bad }: Placard): string | null {
  if (bad) return health.needsYou;
  return found?.checkup === 'warn' ? health.lookAt : null;
}

/** When something was looked at, inside a line. */
export const checkedAt = (at: number, now: number) =>
  now - at < 60_000 ? health.justNow : health.checked(atTime(at, now));
