// The words of what came while nobody could be reached here: the digest, up to when everything is here, another computer that answers, and sending that waits for the owner.

import type { Away, CatchUp, Health, Late, SendingLock } from '../backend/generated/desk';
import { figure } from './formats';
import type { Placard } from './health';
import { atTime, onDifferentDays, timeOfDay } from './time';

const count = (n: number, one: string, many: string) => `${figure(n)} ${n === 1 ? one : many}`;
export const textCount = (n: number) => count(n, 'text', 'texts');
export const callCount = (n: number) => count(n, 'call', 'calls');

export const catching = {
  away: {
    title: 'While you were away',
    fetching: 'Fetching what came while you were away…',
    read: 'You can start reading.',
    all: (since: string) => `Everything since ${since} is here.`,
    notAll: (problem: string | null) =>
      `Not all of it is here yet. ${problem ?? 'Ringdesk asks Twilio again by itself.'}`,
    soFar: (what: string) => `${what} so far`,
    people: (n: number) => count(n, 'person', 'people'),
    from: (what: string, whom: string) => `${what} from ${whom}`,
    missed: (n: number) => count(n, 'missed call', 'missed calls'),
    voicemails: (n: number) => count(n, 'voicemail', 'voicemails'),
    answered: (n: number) => count(n, 'answered call', 'answered calls'),
    show: 'Show them',
    seen: 'Got it',
    seeing: 'One moment…',
  },

  complete: {
    to: (when: string) => `Complete up to ${when}`,
    check: 'Check now',
    checking: 'Checking…',
    first: 'Fetching your texts and calls…',
    since: 'Fetching what came since…',
    later: 'What came since is fetched when Twilio answers.',
    soon: 'What came since is still to be fetched.',
    all: 'Everything that came until then is here.',
    repaired: (n: number) =>
      n === 1
        ? '1 text or call of this week didn’t come by itself.'
        : `${figure(n)} texts or calls of this week didn’t come by themselves.`,
    fetched: (n: number) => (n === 1 ? 'It was fetched and is here.' : 'They were fetched and are here.'),
    why: 'See it in the check-up',
    find: 'Fetch what may be missing',
    /** Other words it is found by. */
    also: 'catch up complete asleep sleep away refresh check now',
  },

  late: {
    asleep: 'Arrived while this computer was asleep',
    missed: 'Fetched later: Twilio couldn’t reach this computer',
  } satisfies Record<Late, string>,

  elsewhere: {
    message: (lines: string) => `Another computer answers ${lines}.`,
    hint: 'Texts and calls come there first; here they’re fetched every five minutes.',
    go: 'Answer here instead',
    going: 'Pointing it here…',
    gone: 'Texts and calls come to this computer first again.',
    placard: 'Another computer answers',
    placardHint: 'Texts and calls come there first',
  },

  locked: {
    message: {
      restored: 'This is a restored copy, so nothing is sent yet.',
      copied: 'This data came from another computer, so nothing is sent yet.',
    } satisfies Record<SendingLock, string>,
    hint: 'Texts you write wait here. Look first whether another computer still sends for your lines.',
    go: 'Send from this computer',
    title: 'Send from this computer?',
    text: {
      restored: 'The copy may be older than what was sent last. What Twilio knows of that is fetched, too.',
      copied: 'Ringdesk worked with this data on another computer before.',
    } satisfies Record<SendingLock, string>,
    look: 'Before you go on',
    checks: [
      'No other computer runs Ringdesk with these lines: the same text could leave from both.',
      'Texts that waited for more than a quarter of an hour ask you once more before they leave.',
    ],
    stay: 'Not yet',
    sure: 'Yes, send from this computer',
    going: 'Switching on…',
    gone: 'Texts leave from this computer now.',
  },
} as const;

/** What came, in parts: "12 texts from 5 people · 3 missed calls · 1 voicemail". Empty where nothing came. */
export function came({ texts, people, calls, missed, voicemails }: Away): string {
  const said = catching.away;
  const answered = Math.max(0, calls - missed - voicemails);
  const parts = [
    texts > 1 ? said.from(textCount(texts), said.people(people)) : texts === 1 && textCount(1),
    missed > 0 && said.missed(missed),
    voicemails > 0 && said.voicemails(voicemails),
    answered > 0 && said.answered(answered),
  ];
  return parts.filter((part) => part !== false).join(' · ');
}

/** What the window says of an absence. */
export interface Digest {
  title: string;
  came: string;
  hint: string;
  /** Whether more of it is on its way just now. */
  fetching: boolean;
}

/** Whether the banner says that there is no connection: what is worse is said in its place. */
export const isTellingOffline = (health: Health | null): boolean =>
  health !== null && !health.connected && !health.sign_in_refused && !health.locked;

/** What is said of what came while nobody was here; null where nothing came, or nothing yet. Where the banner says
 *  that there is no connection (`offline`), it is not said once more. */
export function digest({ away, running, problem }: CatchUp, now: number, offline = false): Digest | null {
  const said = catching.away;
  const what = away ? came(away) : '';
  if (away === null || what === '') return null;
  const { title, read } = said;
  const soFar = away.complete ? what : said.soFar(what);
  if (offline) return { title, came: soFar, hint: '', fetching: false };
  if (away.complete) return { title, came: soFar, hint: said.all(atTime(away.from, now)), fetching: false };
  if (running) return { title: said.fetching, came: soFar, hint: read, fetching: true };
  return { title, came: soFar, hint: said.notAll(problem), fetching: false };
}

/** Milliseconds after which being complete is no longer taken for granted. */
const OLD = 15 * 60_000;

/** Up to when everything is here, and what to know about it. Either may be empty. */
export interface Stamp {
  said: string;
  trouble: string;
}

/** A moment of today by its time alone. */
const when = (at: number, now: number) => (onDifferentDays(at, now) ? atTime(at, now) : timeOfDay(at));

/** The stamp: how complete what is here is. */
export function stamp(state: CatchUp, connected: boolean, now: number): Stamp {
  const { complete_to: to, running, problem, away } = state;
  const said = catching.complete;
  const upTo = to === null ? '' : said.to(when(to, now));
  // What came of it so far is told by the digest.
  const isAwaited = running && away !== null && !away.complete && came(away) === '';
  if (isAwaited) return { said: upTo, trouble: catching.away.fetching };
  if (to === null && running) return { said: '', trouble: said.first };
  if (problem !== null && !running) return { said: upTo, trouble: problem };
  if (to === null || now - to <= OLD) return { said: upTo, trouble: '' };
  if (!connected) return { said: upTo, trouble: said.later };
  return { said: upTo, trouble: running ? said.since : said.soon };
}

/** The stamp at the foot of the list, which does not say once more what the banner says. */
export function foot(state: CatchUp, health: Health | null, now: number): Stamp {
  const shown = stamp(state, health?.connected ?? true, now);
  return isTellingOffline(health) ? { ...shown, trouble: '' } : shown;
}

/** What is added where there is no connection: how much is here all the same. */
export const sinceOffline = (to: number | null, now: number): string =>
  to === null ? '' : `${catching.complete.to(when(to, now))}. ${catching.complete.later}`;

/** The placard, where another computer answers: calls do not come here first. What is worse stays. */
export function truth(placard: Placard, health: Health | null): Placard {
  const reached = health?.connected && health.reachable && !health.sign_in_refused && !health.moved;
  if (!health || !reached || health.elsewhere.length === 0) return placard;
  const { placard: title, placardHint: hint } = catching.elsewhere;
  return { title, hint, bad: true, act: 'check' };
}
