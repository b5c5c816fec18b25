// The words of the line check-up, of the log of what Twilio sent, and of Settings, Lines. What a check found is
// said by the desk.

import type { Check, Grade, Health, WebhookState } from '../backend/generated/desk';
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

  account: {
    title: 'Connect your account anew?',
    text: 'Ringdesk goes back to its first page, where you type the account and its token again. Everything here is kept, and your line goes on taking messages meanwhile where a sleep backup is set up.',
    stay: 'Not now',
    go: 'Go to the first page',
  },

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

  find: {
    go: 'Go to the line check-up',
    check: 'Check the line',
    log: 'Show what Twilio sent',
    record: 'Twilio’s record of the newest text',
    goOn: 'Go on with setting up',
    /** Other words it is found by. */
    also: 'health doctor status trouble problem webhook reachable',
  },
  keys: {
    title: 'In Line check-up',
    list: [
      ['J ↓', 'Next'],
      ['K ↑', 'Previous'],
      ['Enter', 'More about it'],
      ['F', 'Fix it'],
      ['L', 'Check again'],
    ] as [string, string][],
  },

  webhooks: {
    list: 'What Twilio sent, newest first',
    show: 'Show',
    filters: { all: 'All', failed: 'Not stored', quarantined: 'Put aside' },
    states: { applied: 'Stored', failed: 'Not stored', quarantined: 'Put aside' } satisfies Record<
      WebhookState,
      string
    >,
    events: {
      'sms/inbound': 'A text came in',
      'sms/status': 'How far a text got',
      'voice/inbound': 'A call came in',
      'voice/screen': 'A phone of yours picked up',
      'voice/dial-status': 'How ringing your phones ended',
      'voice/voicemail-done': 'A message ended',
      'voice/status': 'How a call goes on or ended',
      'voice/recording': 'A recording is ready',
      'voice/transcription': 'A message was written down',
    } as Record<string, string>,
    loading: 'Getting what Twilio sent…',
    older: 'Show older',
    asking: 'Looking…',
    again: 'Try again',
    trying: 'Trying…',
    stored: 'It is stored now.',
    notStored: 'It still could not be stored.',
    failed: { title: 'The log could not be shown', text: 'Nothing was lost. Try once more.' },
    empty: {
      all: {
        title: 'Nothing has arrived yet',
        text: 'Every text, call and report Twilio brings is listed here.',
      },
      failed: { title: 'Everything was stored', text: 'What could not be stored would be listed here.' },
      quarantined: {
        title: 'Nothing was put aside',
        text: 'What does not say what it should would be listed here.',
      },
    },
    about: 'About',
    fields: 'What it said',
    field: 'Field',
    value: 'Value',
    answered: (status: number) => `Answered with ${status}`,
    answerTo: (event: string) => `Answer to: ${event}`,
    noAnswer: 'Nothing more was answered.',
  },

  record: {
    open: 'Twilio’s record…',
    title: 'Twilio’s record',
    warning: 'It holds the customer’s words and number',
    warningText: 'Show it only to somebody who helps you with this text or call.',
    loading: 'Asking Twilio…',
    sid: 'Twilio’s id',
    sent: 'What Twilio sent about it',
    sentNothing: 'Twilio sent nothing about it.',
    theirs: 'Twilio’s own record, as it is now',
    none: 'There is none.',
    copy: 'Copy all of it',
    close: 'Close',
    again: 'Try again',
  },

  line: {
    account: {
      title: 'Account',
      connected: 'Connected',
      offline: 'Not connected',
      connectedHint: 'Twilio accepts your account.',
      offlineHint: 'Twilio does not answer just now. Ringdesk goes on asking.',
      refusedHint: 'The token may have been changed. Connect again with the one that holds now.',
      practiceHint: 'A pretend account. Nothing leaves this computer.',
      check: 'Check the line',
      guide: 'Go through the setup again',
      guideHint: 'Step by step from your numbers to a test call. Nothing changes until you say so.',
      begin: 'Start the setup',
      beginning: 'Starting…',
      forget: 'Disconnect and forget the token',
      forgetHint: 'For when Ringdesk shall no longer answer here. What is stored stays.',
      forgetTitle: 'Disconnect your account?',
      forgetText:
        'Ringdesk forgets the account and its token. Everything stored here stays. Texts and calls stop arriving here until you connect again.',
      forgetKeep: 'Stay connected',
      forgetting: 'Disconnecting…',
    },

    numbers: {
      title: 'Your numbers',
      looking: 'Asking Twilio for your numbers…',
      none: 'There is no number on this account yet.',
      buy: 'Get a number at Twilio',
      use: (number: string) => `Use ${number} as a line`,
      used: 'A line of yours',
      notUsed: 'Left alone',
      here: 'Answers on this computer',
      demo: 'Plays a Twilio demo message',
      elsewhere: (at: string | null) => (at ? `Answers at ${at}` : 'Answers somewhere else'),
      otherDesk: (at: string | null) => (at ? `Answers in Ringdesk at ${at}` : 'Answers in another Ringdesk'),
      nowhere: 'Answers nowhere yet',
      inTheWay: 'Something is in the way',
      changes: 'What would change at Twilio',
      more: 'What is set at Twilio',
      nothing: 'Everything is set as it should be.',
      noAddress: 'There is no way to this computer yet. Choose one below, and the numbers can be set up.',
      setUp: 'Set it up for me',
      settingUp: 'Setting it up…',
      isSet: 'Your numbers are set up, and were read again at Twilio.',
      still: 'It still comes here. Put back what was before?',
      stillText: 'You switched it off, and Twilio goes on sending its texts and calls to this computer.',
      stillHere: 'It still comes here.',
      stillHereText:
        'What it had before is not known. Change it at Twilio, or make it a line of yours again.',
      restore: 'Put back what was before',
      restoreTitle: (number: string) => `Put back what ${number} had before?`,
      restoreText:
        'Texts and calls on it go where they went before Ringdesk came, and no longer arrive here.',
      restoreKeep: 'Keep it as it is',
      restored: (number: string) => `${number} has what it had before.`,
      again: 'Look again',
    },

    address: {
      title: 'How calls and texts find this computer',
      looking: 'Looking at the way…',
      states: {
        unset: 'Not chosen yet',
        opening: 'Opening…',
        open: 'Calls and texts reach this computer',
        failed: 'The way could not be opened',
        blocked: 'Nobody comes through',
      },
      unsetHint: 'Twilio needs a way to this computer before customers can reach you.',
      openingHint: 'This can take half a minute.',
      knocked: (when: string) => `A knock from outside came through ${when}.`,
      knock: 'Knock from outside',
      knocking: 'Knocking…',
      through: (ms: number) =>
        `The knock came through, and took ${ms < 950 ? `0.${Math.max(1, Math.round(ms / 100))}` : (ms / 1_000).toFixed(1)} s.`,
      notThrough: 'The knock did not come through.',
      way: 'The way',
      address: 'Public address',
      copy: 'Copy the address',
      program: 'Opened by',
      none: 'none yet',
      change: 'Choose another way',
      choose: 'Choose a way',
      fixed: 'It was given when Ringdesk was started and can’t be changed here.',
      keep: 'Leave it as it is',
      use: 'Use this way',
      using: 'Opening…',
      follow: 'Follow a new address by itself',
      followHint: 'When the address changes, your numbers are pointed to it without asking.',
      moved: 'Your numbers still post to the address before this one.',
      point: 'Point them here',
      pointing: 'Pointing…',
    },

    backup: {
      title: 'Sleep backup',
      stop: 'Do without a sleep backup',
      stopGo: 'Turn it off',
      stopHint: 'Callers then hear an error while this computer is off.',
      stopped: 'Ringdesk no longer keeps a sleep backup.',
    },

    token: {
      title: 'Auth Token',
      about:
        'The token is the key to your Twilio account. Change it now and then, and at once when somebody may have seen it. Ringdesk changes it in three steps, so that nothing is missed on the way.',
      looking: 'Looking at the token…',
      states: {
        one: { said: 'One token is in use.', next: '' },
        two: {
          said: 'A second token is ready; both are taken.',
          next: 'Switch to it when everything that uses the old one, such as another program of yours, is ready.',
        },
        switched: {
          said: 'The new one is in use.',
          next: 'Retire the old one once texts and calls have arrived for a while.',
        },
      },
      since: (when: string) => `Since ${when}.`,
      cannot: 'It can’t be replaced from here. Make a new one at Twilio and connect again.',
      acts: {
        begin: 'Make a second token',
        switch: 'Switch to the new token',
        retire: 'Retire the old token',
        cancel: 'Do away with the second token',
      },
      passphraseHint: 'It seals the token on this computer, so each step asks for it.',
      doing: 'Asking Twilio…',
    },
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
  if (practice) return { title: said.practice, hint: said.practiceHint, bad, act };
  const heard = found?.last_webhook_at;
  const hint = heard ? said.heard(shortTime(heard, now)) : said.notHeard;
  return { title: said.connected, hint, bad, act };
}

/** What the mark at the check-up's entry says; null where there is none. */
export function markOf(found: Health | null, { bad }: Placard): string | null {
  if (bad) return health.needsYou;
  return found?.checkup === 'warn' ? health.lookAt : null;
}

/** When something was looked at, inside a line. */
export const checkedAt = (at: number, now: number) =>
  now - at < 60_000 ? health.justNow : health.checked(atTime(at, now));

/** What happened, in words; an event nobody knows keeps its name. */
export const eventSaid = (event: string) => health.webhooks.events[event] ?? event;
