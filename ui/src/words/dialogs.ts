// Words of what lies over the window when it is asked for.

import { words } from './en';

export const dialogs = {
  assign: {
    title: (who: string) => `Who sees to ${who}?`,
    name: 'Name',
    list: 'Colleagues',
    nobody: 'Nobody',
    now: 'now',
    add: (name: string) => `Add “${name}”`,
    first:
      'Type the name of whoever sees to it: yours, or a colleague’s. Their initials then stand in the list, so that everybody at this desk knows. It is only a name: nobody is told, and customers never see it.',
    nobodys: 'Assigned to nobody.',
    already: 'Nobody sees to it yet.',
    again: 'Try again',
    close: 'Close',
  },

  callBack: {
    title: (name: string) => `Call ${name} back`,
    how: (line: string) => `Your phone rings first, then theirs. They see ${line}.`,
    ring: (phone: string) => `Rings ${phone}.`,
    which: 'Which phone rings first',
    go: (name: string) => `Call ${name} back`,
    noPhone: 'Ringdesk rings your own phone first, then theirs, so that they see your business number.',
    addPhone: 'Add your phone in Settings → Calls & hours.',
    add: 'Add your phone',
    tel: 'Call with this computer',
    close: 'Close',
    placing: 'Placing the call…',
    phone: 'Your phone is ringing. Press 1 to be connected.',
    them: (name: string) => `Calling ${name}…`,
    talking: 'Talking.',
    goesOn: 'You can close this. The call goes on.',
    talked: (time: string | null) => (time ? `The call is over. You talked ${time}.` : 'The call is over.'),
    busy: (name: string) => `${name} is on another call.`,
    no_answer: 'Nobody picked up.',
    canceled: 'You did not pick up and press 1, so nobody was called.',
    hungUpFirst: 'You hung up before they answered.',
    failed: 'The call did not go through.',
    unknown: 'The call is over. How it ended is not known yet.',
    again: 'Call again',
    textInstead: 'Text instead',
  },

  closing: {
    title: 'Keep receiving texts?',
    text: 'Ringdesk can go on in the background: texts arrive and you are told. If you quit, nothing reaches you until you open it again.',
    /** Where a sleep backup takes messages meanwhile. */
    textBacked:
      'Ringdesk can go on in the background: texts arrive and you are told. If you quit, voicemail stays on, and texts wait until you open it again.',
    waiting: (texts: number) =>
      texts === 1
        ? '1 text has not left yet. If you quit, it waits until you open Ringdesk again.'
        : `${texts} texts have not left yet. If you quit, they wait until you open Ringdesk again.`,
    /** Where nothing on the screen leads back to a window that was put away. */
    noTray: 'If you keep receiving, start Ringdesk again to see its window.',
    remember: 'Do the same next time',
    cancel: 'Cancel',
    quit: 'Quit',
    keep: 'Keep receiving',
  },

  find: {
    title: words.find,
    placeholder: 'People, words, settings',
    results: 'What fits',
    close: 'Esc',
    acts: 'Do',
    act: {
      inbox: 'Go to the inbox',
      newText: 'Write a new text',
      done: 'Mark this conversation as done',
      reopen: 'Reopen this conversation',
      settingsOf: (section: string) => `Settings: ${section}`,
      unread: 'Leave this conversation unread',
      note: 'Write a note in this conversation',
      assign: 'Assign to…',
      /** Other words it is found by. */
      assignAlso: 'colleague person team nobody',
      panel: 'Show or hide the contact panel',
      calls: 'Go to the calls',
      missedList: 'Show missed calls',
      closeEarly: 'Close early today',
      openAgain: 'Open again',
      unreadList: 'Show what is unread',
      waitingList: 'Show who is waiting',
      pause: 'Pause notifications for an hour',
      resume: 'Resume notifications',
      light: 'Light colors',
      dark: 'Dark colors',
      keys: 'List all keys',
    },
  },

  keys: {
    title: 'Keys',
    hint: 'Single letters work while you are not typing.',
    close: 'Close',
    /** `kept`: in a browser, which keeps some keys to itself. What such a key would begin is found instead. */
    list: (kept: boolean): [string, string][] => [
      [words.mod('K'), 'Find anything'],
      [words.mod('1 to 5'), 'Inbox, Calls, Voicemail, Line check-up, Settings'],
      [words.mod(','), 'Settings'],
      ['J ↓', 'Next conversation'],
      ['K ↑', 'Previous conversation'],
      ['N', 'New text'],
      ['R', 'Reply'],
      ['/', 'Search; in an empty text: templates'],
      [words.mod(kept ? 'K “note”' : 'Shift N'), 'Internal note'],
      ['C', 'Call this customer'],
      ['E', 'Done, or reopen'],
      ['A', 'Assign to a colleague'],
      ['U', 'Leave unread'],
      ['I', 'About this customer'],
      [words.mod('Enter'), 'Send'],
      ['Space', 'Pause the voicemail that plays'],
      [words.mod('Z'), 'Undo'],
      ['?', 'This list'],
      ['Esc', 'Back one level'],
    ],
    callsTitle: 'In Calls',
    calls: [
      ['J ↓', 'Next call'],
      ['K ↑', 'Previous call'],
      ['Enter', 'What happened'],
      ['→ ←', 'Show each of several calls, or one'],
      ['C', 'Call back'],
      ['R T', 'Text'],
      ['B', 'Block, or unblock'],
      ['/', 'Search'],
    ] as [string, string][],
    lineTitle: 'In Line check-up',
    line: [
      ['J ↓', 'Next'],
      ['K ↑', 'Previous'],
      ['Enter', 'More about it'],
      ['F', 'Fix it'],
      ['L', 'Check again'],
    ] as [string, string][],
  },

  link: {
    title: (host: string) => `Open ${host}?`,
    text: 'It opens in your browser.',
    copy: 'Copy link',
    open: 'Open in browser',
  },

  newText: {
    title: words.newText,
    to: 'To',
    placeholder: 'A name or number',
    known: 'People you know',
    from: 'From',
    go: 'Write',
  },

  viewer: {
    title: 'Picture',
    place: (alt: string, n: number, of: number) => (of === 1 ? alt : `${alt}, ${n} of ${of}`),
    close: 'Close',
    before: 'Picture before',
    after: 'Next picture',
  },

  /** What can be done about the line. */
  lineFind: {
    go: 'Go to the line check-up',
    check: 'Check the line',
    log: 'Show what Twilio sent',
    record: 'Twilio’s record of the newest text',
    goOn: 'Go on with setting up',
    /** Other words it is found by. */
    also: 'health doctor status trouble problem webhook reachable',
  },

  account: {
    title: 'Connect your account anew?',
    text: 'Ringdesk goes back to its first page, where you type the account and its token again. Everything here is kept, and your line goes on taking messages meanwhile where a sleep backup is set up.',
    stay: 'Not now',
    go: 'Go to the first page',
  },

  record: {
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
} as const;
