// English words the window says first, and everywhere; those of its parts are in files of their own.

import type { Trouble } from '../backend/player';

const mac = /Mac|iP(hone|ad)/.test(navigator.userAgent);
/** A key with Ctrl, or Cmd on a Mac. */
const mod = (key: string) => `${mac ? '⌘' : 'Ctrl'} ${key}`;

/** What a file is, by its type. */
function kindOf(type: string | null): string {
  const [family = ''] = type?.split('/') ?? [];
  const families: Record<string, string> = { image: 'Picture', video: 'Video', audio: 'Sound' };
  return type === 'application/pdf' ? 'PDF' : (families[family] ?? 'File');
}

export const words = {
  mod,
  app: 'Ringdesk',
  inbox: 'Inbox',
  find: 'Find anything',
  newText: 'New text',
  record: 'Twilio’s record…',
  settings: 'Settings',
  main: 'Main',
  skip: 'Skip to conversation',
  skipToList: 'Skip to inbox',
  skipToCalls: 'Skip to calls',
  skipToSettings: 'Skip to settings',
  conversations: 'Conversations',
  practiceLine: 'Practice line',
  line: 'Your line',
  show: 'Show',
  filters: { all: 'All', unread: 'Unread', missed: 'Missed', waiting: 'Waiting on us', done: 'Done' },
  unreadCount: (n: number) => `${n} unread`,
  waiting: (time: string) => `waiting ${time}`,
  optedOut: 'Opted out',
  you: 'You: ',
  /** Before a text, for whoever hears it. */
  from: (name: string) => `From ${name}:`,
  fromYou: 'You:',
  toLine: (line: string) => `to your line ${line}`,
  assignedTo: (name: string) => `Assigned to ${name}`,
  photo: 'Photo',
  photos: (n: number) => (n === 1 ? 'Photo' : `${n} photos`),
  notDelivered: 'Not delivered',
  back: 'Back to inbox',
  done: 'Done',
  reopen: 'Reopen',
  earlier: 'Show earlier texts',
  putAway: (name: string) => `${name} is done.`,
  reopened: (name: string) => `${name} is back in the inbox.`,
  madeUnread: (name: string) => `${name} is unread again.`,
  closedEarly: 'You’re closed for the rest of the day.',
  openedAgain: 'You’re no longer closed early.',
  dismiss: 'Dismiss',
  later: 'Something new came in. It appears when you move away.',
  failed: { message: 'That did not work.', hint: 'Try once more.' },
  allLines: 'All lines',
  whichLine: 'Which line to show',
  linesTogether: 'All lines together',
  addLine: 'Add a line',
  shownNow: 'Shown now',
  lineEnding: (digits: string) => `…${digits}`,

  /** A sentence of several names: "Nora and Sam". */
  and: (names: string[]) => new Intl.ListFormat('en').format(names),

  connectReal: 'Connect your line',
  switchLine: 'Switch line',
  opening: 'Opening…',
  notLoaded: {
    message: 'This part did not load.',
    hint: 'Ringdesk may have been renewed meanwhile. Load the page again.',
    again: 'Load it again',
  },

  tryNow: 'Try now',
  offline: (waiting: number) => ({
    message: 'Not connected.',
    hint:
      waiting > 0
        ? `Texts you write wait here and leave once it is back; ${waiting} waiting now.`
        : 'Texts you write wait here and leave once it is back.',
  }),
  away: {
    message: 'Ringdesk does not answer.',
    hint: 'It may be restarting. Look whether it runs on this computer.',
  },

  voicemail: {
    title: 'Voicemail',
    skip: 'Skip to voicemail',
    unheard: (n: number) => `${n} not heard`,
    removed: (who: string) => `Voicemail from ${who} deleted.`,
    copied: (where: string | null) =>
      where === null ? 'Your browser saves the copy with its downloads.' : `Saved as ${where}`,
    trouble: {
      no_device: {
        text: 'This computer has no sound device right now.',
        hint: 'Plug in a headset or switch the speakers on, then press play. Reading it and saving a copy work meanwhile.',
      },
      device_lost: {
        text: 'The sound device went away.',
        hint: 'Plug it in again, or choose another in Settings → Voicemail, then press play. It goes on where it stopped.',
      },
      unplayable: {
        text: 'This recording can’t be played here.',
        hint: 'Save a copy and open it with another program. What is written down can be read all the same.',
      },
    } satisfies Record<Trouble, { text: string; hint: string }>,
  },

  search: {
    label: 'Search names, numbers, words',
    clear: 'Clear the search',
    people: 'People',
    texts: 'Texts',
    results: 'What was found',
    nothing: {
      title: (words: string) => `Nothing found for “${words}”`,
      /** `begins`: the first letters of the one word that was looked for, if it was one. */
      text: (begins: string | null) =>
        begins === null
          ? 'Try fewer words, the start of a name, or part of a number.'
          : `Try the first letters of the word: “${begins}”. Part of a number is found, too.`,
    },
    count: (n: number) => (n === 1 ? '1 result' : `${n} results`),
  },
  conversationWith: (name: string) => `Conversation with ${name}`,
  group: (others: string) => `Group text, also with ${others}. Answers go to this sender only.`,

  placard: {
    practice: 'Practice line',
    practiceHint: 'Nothing leaves this computer',
    connected: 'Connected',
    reached: 'Calls and texts reach you',
    heard: (when: string) => `Last heard from Twilio ${when}`,
    notHeard: 'Nothing has arrived yet',
    unreachable: 'Customers can’t reach you yet',
    unreachableHint: 'Choose the way calls and texts take to this computer',
    offline: 'Not connected',
    offlineHint: 'Texts you write wait here',
  },

  empty: {
    all: {
      title: 'Nobody is waiting on you',
      text: 'Every text has an answer. New ones appear here on their own.',
    },
    unread: { title: 'Nothing unread', text: 'You have seen everything.' },
    missed: { title: 'No missed calls', text: 'Missed callers you haven’t got back to are listed here.' },
    waiting: { title: 'Nobody is waiting on you', text: 'Every text has an answer.' },
    done: { title: 'Nothing done yet', text: 'Conversations you mark as done are kept here.' },
    practice: 'Pick up the practice phone and send yourself a text.',
    pick: { title: 'Pick a conversation', text: 'What was said and what came of it appears here.' },
  },

  delivery: {
    undo: (s: number) => `Sending in ${s} s`,
    waiting: 'Waiting',
    sending: 'Sending…',
    sent: 'Sent',
    delivered: 'Delivered',
    read: 'Read',
    unsure: 'Unsure',
    failed: 'Not delivered',
    other: (word: string) => `Twilio says “${word}”`,
  },
  undo: 'Undo',
  tooLate: 'It has already left.',
  unsure: 'We’re not sure this text left. We’re asking Twilio, and won’t send it twice.',
  held: 'This couldn’t leave for a while. Should it still go?',
  sendNow: 'Send it now',
  discard: 'Discard it',
  lost: 'Twilio’s record doesn’t show that this text left, so most likely it never did.',
  sendAgain: 'Send again',
  tryAgain: 'Try again',
  details: 'Details',
  charged: {
    no: 'You weren’t charged for it.',
    usually: 'Twilio usually charges for the try.',
    yes: 'Twilio charged for the try.',
  },

  picture: {
    alt: 'Picture',
    look: (alt: string) => `Look at: ${alt}`,
    fromThem: (name: string) => `Picture from ${name}`,
    coming: 'Picture on its way…',
    refused: (why: string) => `A file was not kept: ${why}.`,
    gone: (why: string) => `A picture could not be had: ${why}.`,
    file: (type: string | null, size: string) => `${kindOf(type)}, ${size}`,
    save: 'Save a copy',
    saveOf: (what: string) => `Save a copy: ${what}`,
    copied: (where: string | null) =>
      where === null ? 'Your browser saves it with its downloads.' : `Saved as ${where}`,
    missing: (n: number) =>
      n === 1
        ? 'Twilio announced a picture it did not send.'
        : `Twilio announced ${n} pictures it did not send.`,
  },

  consent: {
    wrote_first: 'Texted you first',
    stop_word: 'Opted out of texts',
    start_word: 'Opted in to texts again',
    yes_while_out: 'Answered YES while opted out. Do they want texts again?',
    stop_suggested: 'This sounds like they don’t want more texts.',
    twilio_refused: 'Twilio says they opted out of texts',
    owner_opted_out: 'You marked them as opted out',
    owner_took_back: 'You took your mark back',
    owner_confirmed: 'You confirmed that they want texts',
  } as Record<string, string>,
  takeBack: 'Take it back',
  wantTexts: 'They want texts again',
  wantForSure: 'Yes, they told us so',
  markOptedOut: 'Mark as opted out',
  markForSure: 'Yes, no more texts to them',

  composer: {
    label: (name: string) => `Text to ${name}`,
    placeholder: 'Write a text',
    attach: 'Attach a picture',
    tooLarge: (name: string, mayMove: boolean) => ({
      text: `${name || 'That picture'} is too large to send.`,
      hint: mayMove
        ? 'Twilio takes pictures up to 5 MB. Ringdesk can send a smaller copy, which does not move.'
        : 'Twilio takes pictures up to 5 MB. Ringdesk can send a smaller copy; yours stays as it is.',
    }),
    together: (name: string) => ({
      text: `${name || 'That picture'} does not fit.`,
      hint: 'Together with the others it is too large. Ringdesk can send a smaller copy; yours stays as it is.',
    }),
    smaller: 'Make it smaller',
    notSmaller: (name: string) => ({
      text: `${name || 'That picture'} could not be made smaller.`,
      hint: 'Open it in another program, save it as a smaller JPEG, and attach that.',
    }),
    notPicture: (name: string) => ({
      text: `${name || 'That file'} is not a picture.`,
      hint: 'JPEG, PNG and GIF pictures can be sent.',
    }),
    /** Why pictures do not fit into a text any more. */
    full: {
      many: 'One text takes ten pictures at most.',
      heavy: 'One text takes 5 MB of pictures at most.',
      hint: (left: number) =>
        left === 1
          ? 'One was left out. Send it in another text.'
          : `${left} were left out. Send them in further texts.`,
    },
    attachingNow: (n: number) => (n === 1 ? 'Attaching a picture…' : `Attaching ${n} pictures…`),
    attaching: 'The picture is still being attached',
    noPictures: {
      text: 'The picture was not attached.',
      hint: 'No text can be sent to them, and so no picture.',
    },
    stopped: 'Nothing more can be sent to them. What you wrote is kept.',
    asked: 'Answer the question above first',
    drop: 'Drop pictures to attach them',
    remove: 'Remove picture',
    large: 'Some carriers refuse pictures this large.',
    send: 'Send',
    sendAnyway: 'Send anyway',
    notNow: 'Not now',
    count: (segments: number, left: number) =>
      segments === 1 ? `1 text · ${left} left` : `${segments} texts · ${left} left`,
    tooLong: 'Over 1,600 characters',
    empty: 'Write something or attach a picture first',
  },

  draft: 'Draft: ',
  panel: 'About this customer',
  fresh: 'New since you left',
  callInstead: 'Call instead',

  note: {
    only: 'Note · customers never see this',
    by: (name: string | null) => (name === null ? 'Note' : `Note by ${name}`),
    unseen: 'customers never see this',
    noPictures: {
      text: 'The picture was not attached.',
      hint: 'A note holds words only. Go back to the text to send a picture.',
    },
    remove: 'Remove this note',
    removed: 'The note is removed.',
    label: (name: string) => `Note about ${name}`,
    placeholder: 'A note to keep here. No customer sees it.',
    keep: 'Keep note',
    write: 'Write a note',
    leave: 'Back to the text',
  },
  calls: {
    title: 'Calls',
    missedCount: (n: number) => `${n} missed`,
    withheld: 'Number withheld',
    isBlocked: (name: string) => `${name} is blocked. Their calls are not put through.`,
    isUnblocked: (name: string) => `${name} can call you again.`,
    /** As short as a row of the list. */
    brief: {
      blocked: 'Blocked, not put through',
      missed: 'Missed call',
      voicemail: 'Left a voicemail',
      quoted: (begins: string) => `“${begins}”`,
      going: 'On the line now',
      answered: 'Called, and was answered',
      called: 'You called',
      notReached: 'You called, not reached',
    },
  },
  call: 'Call',
  callThem: 'Call this customer',

  template: {
    title: 'Templates',
    pick: 'Insert a template',
    none: 'No templates yet. Settings, Texts has room for them.',
    nothing: 'No template is called that.',
    nameless: 'there',
  },
  twilioError: (code: number) => `Twilio’s page about error ${code}`,

  closed: {
    opted_out: {
      title: (name: string) => `${name} has opted out of texts.`,
      text: (when: string | null, how: string | undefined) => {
        const said =
          how === 'owner_opted_out'
            ? `You marked them ${when}. `
            : how === 'twilio_refused'
              ? `Twilio told us ${when}. `
              : `They replied STOP ${when}. `;
        const ours = how === 'owner_opted_out' || how === 'yes_while_out';
        const undo = ours ? '' : ' Only they can undo it, by texting START to your number.';
        return `${when ? said : ''}You can still call.${undo}`;
      },
    },
    no_way_back: {
      title: () => 'This sender can’t be answered by text.',
      text: () => 'The number is hidden or belongs to a service.',
    },
  },

  time: {
    onToday: 'today',
    onYesterday: 'yesterday',
    at: (day: string, time: string) => `${day} at ${time}`,
    on: (date: string) => `on ${date}`,
    now: 'now',
    yesterday: 'Yesterday',
    today: 'Today',
    minutes: 'min',
    hours: 'h',
    days: 'd',
  },
} as const;
