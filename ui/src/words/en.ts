// Every English word the window says.

export const words = {
  app: 'Ringdesk',
  inbox: 'Inbox',
  main: 'Main',
  skip: 'Skip to conversation',
  skipToList: 'Skip to inbox',
  conversations: 'Conversations',
  practiceLine: 'Practice line',
  line: 'Your line',
  show: 'Show',
  filters: { all: 'All', unread: 'Unread', missed: 'Missed', waiting: 'Waiting on us', done: 'Done' },
  unreadCount: (n: number) => `${n} unread`,
  waiting: (time: string) => `waiting ${time}`,
  optedOut: 'Opted out',
  you: 'You: ',
  toLine: (line: string) => `to your line ${line}`,
  photo: 'Photo',
  photos: (n: number) => (n === 1 ? 'Photo' : `${n} photos`),
  notDelivered: 'Not delivered',
  back: 'Back to inbox',
  done: 'Done',
  reopen: 'Reopen',
  earlier: 'Show earlier texts',
  putAway: (name: string) => `${name} is put away.`,
  reopened: (name: string) => `${name} is back in the inbox.`,
  madeUnread: (name: string) => `${name} is unread again.`,
  dismiss: 'Dismiss',
  later: 'Something new came in. It appears when you move away.',
  failed: { message: 'That did not work.', hint: 'Try once more.' },
  allLines: 'All lines',
  whichLine: 'Which line to show',

  connectReal: 'Connect your line',
  switchLine: 'Switch line',
  opening: 'Opening…',

  welcome: {
    slogan: 'A front desk for your business phone.',
    about: 'Texts, calls and voicemail in one calm place, kept on this computer.',
    title: 'Welcome',
    text: 'How would you like to begin? You can change your mind at any time.',
    practice: 'Try it with a practice line',
    practiceText: 'Be your own customer on a pretend phone. No account, and nothing leaves this computer.',
    reopen: 'Open my line',
    reopenText: 'The Twilio account you connected before, with all its texts.',
    connect: 'Connect my Twilio account',
    connectText: 'For a number you have at Twilio. Have your Twilio home page at hand.',
    accountTitle: 'Connect your Twilio account',
    accountText: 'Open your Twilio home page and copy two lines from the box called “Account Info”.',
    sid: 'Account SID',
    sidHint: 'The long line that starts with AC.',
    token: 'Auth Token',
    tokenHint: 'Press “Show” next to it at Twilio, then copy.',
    showToken: 'Show',
    hideToken: 'Hide',
    safe: 'Kept in your computer’s own password safe.',
    safeText: 'Never written to a plain file, never shown again.',
    passphrase: 'Passphrase',
    passphraseHint: 'At least eight letters. You type it each time Ringdesk starts; nobody can recover it.',
    sealedInstead: 'Keep it in a file sealed by a passphrase instead',
    safeInstead: 'Use the password safe instead',
    go: 'Connect',
    asking: 'Asking Twilio…',
    back: 'Back',
    again: 'Try again',
    open: 'Open',
    anew: 'Connect anew',
    trouble: {
      locked: {
        title: 'Your password safe is locked',
        text: 'Ringdesk keeps your Twilio token in it. Unlock the safe, then try again.',
      },
      missing: {
        title: 'Your Twilio token is gone',
        text: 'The password safe answers but has no entry for Ringdesk. Your texts are all here; connect the account anew.',
      },
      absent: {
        title: 'No password safe answers',
        text: 'The program that keeps your passwords is not running. Start it and try again, or connect anew and keep the token in a sealed file.',
      },
      sealed: {
        title: 'Type your passphrase',
        text: 'It opens the file your Twilio token is sealed in.',
      },
      failed: { title: 'Your line could not be opened', text: 'Nothing was lost.' },
    },
  },

  search: {
    label: 'Search names, numbers, words',
    clear: 'Clear the search',
    people: 'People',
    texts: 'Texts',
    results: 'What was found',
    nothing: { title: 'Nothing found', text: 'Try fewer words, the start of a name, or part of a number.' },
    count: (n: number) => (n === 1 ? '1 result' : `${n} results`),
  },

  keys: {
    title: 'Keys',
    hint: 'Letters work when no field has the focus.',
    close: 'Close',
    list: [
      ['J ↓', 'Next conversation'],
      ['K ↑', 'Previous conversation'],
      ['R', 'Reply'],
      ['E', 'Done, or reopen'],
      ['U', 'Leave unread'],
      ['I', 'About this customer'],
      ['/', 'Search'],
      ['Ctrl Enter', 'Send'],
      ['Ctrl Z', 'Undo'],
      ['?', 'This list'],
      ['Esc', 'Back one level'],
    ] as [string, string][],
  },
  conversationWith: (name: string) => `Conversation with ${name}`,
  group: (others: string) => `Group text, also with ${others}. Answers go to this sender only.`,

  placard: {
    practice: 'Practice line',
    practiceHint: 'Nothing leaves this computer',
    connected: 'Connected',
    heard: (when: string) => `Last heard from Twilio ${when}`,
    notHeard: 'Nothing has arrived yet',
    unreachable: 'Customers can’t reach you yet',
    unreachableHint: 'This computer has no public address for Twilio. Whoever set it up can give it one.',
    offline: 'Not connected',
    offlineHint: 'Texts you write wait here',
  },

  empty: {
    all: {
      title: 'Nobody is waiting on you',
      text: 'Every text has an answer. New ones appear here on their own.',
    },
    unread: { title: 'Nothing unread', text: 'You have seen everything.' },
    missed: { title: 'No missed calls', text: 'Whoever rang in vain and still waits is listed here.' },
    waiting: { title: 'Nobody is waiting on you', text: 'Every text has an answer.' },
    done: { title: 'Nothing put away yet', text: 'Conversations you mark as done are kept here.' },
    practice: 'Pick up the practice phone on the right and send yourself a text.',
    pick: { title: 'Pick a conversation', text: 'What was said and what came of it appears here.' },
  },

  delivery: {
    undo: (s: number) => `Sending in ${s} s`,
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
  lost: 'Twilio has no record of this text, so it most likely never left.',
  sendAgain: 'Send again',
  tryAgain: 'Try again',
  charged: {
    no: 'You weren’t charged for it.',
    usually: 'Twilio usually charges for the try.',
    yes: 'Twilio charged for the try.',
  },

  picture: {
    alt: 'Picture',
    fromThem: (name: string) => `Picture from ${name}`,
    coming: 'Picture on its way…',
    refused: (why: string) => `A file was not kept: ${why}.`,
    gone: (why: string) => `A picture could not be had: ${why}.`,
    file: (size: string) => `File, ${size}`,
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

  link: {
    title: (host: string) => `Open ${host}?`,
    text: 'The customer sent this link. It opens in your browser.',
    copy: 'Copy link',
    open: 'Open in browser',
  },
  twilioError: (code: number) => `Twilio’s page about error ${code}`,

  contact: {
    title: 'Contact',
    name: 'Name',
    addName: 'Add a name',
    rename: 'Edit name',
    save: 'Save name',
    copy: 'Copy number',
    copied: 'Number copied',
    texts: 'Texts',
    consent: {
      given: 'Happy to get texts',
      opted_out: 'Opted out of texts',
      unknown: 'Has not texted you yet',
    } as Record<string, string>,
    since: (what: string, when: string) => `${what}, ${when}.`,
    seeRecord: 'See record',
    hideRecord: 'Hide record',
    tags: 'Tags',
    newTag: 'Add a tag',
    removeTag: (tag: string) => `Remove the tag ${tag}`,
    notes: 'Notes',
    notesHint: 'Address, gate code, what they like. Only you see this.',
    numbers: 'Numbers',
    newNumber: 'Add another number',
    removeNumber: (number: string) => `Remove ${number}`,
    calls: 'Past calls',
    noCalls: 'No calls yet.',
    call: (incoming: boolean, ending: string | null) =>
      !incoming
        ? 'You called'
        : ending === 'missed'
          ? 'Missed'
          : ending === 'voicemail'
            ? 'Voicemail'
            : 'Answered',
  },

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

  phone: {
    title: 'Practice phone',
    hint: 'Be your own customer. Nothing leaves this computer.',
    who: 'Whose phone',
    people: {
      '+14155550176': 'Marcus, a regular',
      '+14155550123': 'Priya, new here',
      '+14155530003': 'Joel, phone is off',
    } as Record<string, string>,
    empty: 'No texts yet. Ask if they are open today.',
    placeholder: 'Text the business',
    send: 'Send from the practice phone',
    photo: 'Photo',
    stop: 'STOP',
    start: 'START',
  },

  time: { now: 'now', yesterday: 'Yesterday', today: 'Today', minutes: 'min', hours: 'h', days: 'd' },
} as const;
