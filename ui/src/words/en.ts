// Every English word the window says.

const mac = /Mac|iP(hone|ad)/.test(navigator.userAgent);
/** A key with Ctrl, or Cmd on a Mac. */
const mod = (key: string) => `${mac ? '⌘' : 'Ctrl'} ${key}`;

export const words = {
  mod,
  app: 'Ringdesk',
  inbox: 'Inbox',
  main: 'Main',
  skip: 'Skip to conversation',
  skipToList: 'Skip to inbox',
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
  token: {
    title: 'Open this desk',
    text: 'Paste the token of this desk once. It is in the file “api-token” in its data folder; this browser remembers it.',
    label: 'Token',
    enter: 'Open the desk',
    wrong: { message: 'That is not its token.', hint: 'Copy the whole line from the file “api-token”.' },
  },

  closing: {
    title: 'Keep receiving texts?',
    text: 'Ringdesk can go on in the background: texts arrive and you are told. If you quit, nothing reaches you until you open it again.',
    remember: 'Do the same next time',
    cancel: 'Cancel',
    quit: 'Quit',
    keep: 'Keep receiving',
  },

  settings: {
    title: 'Settings',
    sections: {
      business: 'Your business',
      texts: 'Texts',
      notifications: 'Notifications',
      look: 'Look & behavior',
      line: 'Lines',
    },
    /** What each part is also found by. */
    about: {
      business: 'name country time zone',
      texts: 'undo enter templates late quiet hours parts short',
      notifications: 'do not disturb pause quiet show',
      look: 'theme light dark size words keys close start',
      line: 'number connect switch practice messaging service',
    },
    saved: 'Saved',
    from: (what: string) => `${what}, from`,
    to: 'to',
    until: (what: string) => `${what}, to`,

    name: 'Business name',
    nameHint: 'Shown at the top of the window.',
    region: 'Country',
    regionHint: 'Numbers from here are written the short way.',
    zone: 'Time zone',
    zoneHint: 'What your quiet hours go by.',
    zoneHere: (zone: string) => `This computer’s (${zone.replaceAll('_', ' ')})`,

    undo: 'Time to undo',
    undoHint: 'A text waits this long before it leaves.',
    undoFor: (s: number) => (s === 0 ? 'Send at once' : `${s} seconds`),
    enter: 'Send with',
    enterHint: 'The other way begins a new line.',
    enterKey: 'Enter',
    modKey: mod('Enter'),
    templates: 'Templates',
    templatesHint: 'Type / in an empty text to insert one. {name} becomes the customer’s first name.',
    templateName: 'Name of the template',
    templateBody: 'Words of the template',
    addTemplate: 'Add a template',
    removeTemplate: (name: string) => `Remove the template ${name}`,
    keepTemplate: 'Save template',
    asking: 'Ask before sending',
    quiet: 'Late texts',
    quietHint: 'Asks in these hours, unless the customer wrote within the last hour.',
    parts: 'Long texts',
    partsHint: 'Each part costs like a text of its own.',
    partsFrom: (n: number) => (n === 0 ? 'Never ask' : `From ${n} parts`),
    smart: 'Keep texts short',
    smartHint: 'Lets Twilio swap look-alike letters, such as curly quotes, so that fewer parts are needed.',

    kinds: {
      texts: { title: 'New texts', hint: 'One per conversation, replaced while it is there.' },
      failures: {
        title: 'Texts that were not delivered',
        hint: 'So that nobody waits for an answer in vain.',
      },
      line: {
        title: 'Your line has no connection',
        hint: 'Told at any hour, because nobody can reach you meanwhile.',
      },
    },
    shows: 'Show',
    showsHint: 'What whoever looks at your screen can read.',
    showsWords: 'Name and words',
    showsSender: 'Name only',
    showsNothing: 'Nothing',
    disturb: 'Do not disturb',
    pause: 'Pause notifications',
    pauseHint: 'What came meanwhile is told together afterwards.',
    pausedUntil: (time: string) => `Paused until ${time}.`,
    pauses: [
      [30, '30 minutes'],
      [60, '1 hour'],
      [null, 'Until tomorrow'],
    ] as [number | null, string][],
    resume: 'Resume',
    night: 'Quiet every day',
    nightHint: 'Only a line without connection is told of in these hours.',
    browserTells: 'Ringdesk tells you on the computer it runs on, in its own window. This browser does not.',

    theme: 'Light or dark',
    system: 'As the system',
    light: 'Light',
    dark: 'Dark',
    size: 'Size of words',
    sizeHint: 'Everything grows with it.',
    letters: 'Single-letter keys',
    lettersHint: 'Such as J, K and E. Keys with Ctrl always work.',
    running: 'On this computer',
    close: 'When the window is closed',
    closeHint: 'Texts arrive only while Ringdesk runs.',
    closeAsk: 'Ask',
    closeKeep: 'Keep receiving',
    closeQuit: 'Quit',
    starts: 'Start with the computer',
    startsHint: 'Begins in the background, so that texts arrive before you open it.',

    lineHint: 'A number of your Twilio account.',
    noLines: 'No number is known yet. Ringdesk asks Twilio for them once it is connected.',
    connect: 'Connect',
    connectHint: 'Use your own Twilio number. What you practiced stays apart.',
    switch: 'Switch',
    switchHint: 'Go to the practice line, or connect anew. Everything here is kept.',
    advanced: 'Advanced',
    service: 'Messaging Service',
    serviceWrong: 'That is none: it begins with MG and has 34 letters and digits. The one before is kept.',
    serviceHint: 'Sends for lines that cannot send texts themselves. Its SID begins with MG.',
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
      [mod('K'), 'Find anything'],
      [mod('1'), 'Inbox'],
      [mod(','), 'Settings'],
      ['J ↓', 'Next conversation'],
      ['K ↑', 'Previous conversation'],
      ['N', 'New text'],
      ['R', 'Reply'],
      ['/', 'Search; in an empty text: templates'],
      [mod('Shift N'), 'Note to yourself'],
      ['C', 'Call this customer'],
      ['E', 'Done, or reopen'],
      ['U', 'Leave unread'],
      ['I', 'About this customer'],
      [mod('Enter'), 'Send'],
      [mod('Z'), 'Undo'],
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
    missed: { title: 'No missed calls', text: 'Missed callers you haven’t got back to are listed here.' },
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
    look: (alt: string) => `Look at: ${alt}`,
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
    tooLarge: (name: string) => ({
      text: `${name || 'That picture'} is too large to send.`,
      hint: 'Twilio takes pictures up to 5 MB. Send a smaller one.',
    }),
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
    only: 'Note. Only you see this',
    remove: 'Remove this note',
    removed: 'The note is removed.',
    label: (name: string) => `Note about ${name}`,
    placeholder: 'A note to yourself. No customer sees it.',
    keep: 'Keep note',
    write: 'Write a note',
    leave: 'Back to the text',
  },

  calls: { voicemail: 'Voicemail', missed: 'Missed call', back: 'Call back' },
  callThem: 'Call this customer',

  template: {
    title: 'Templates',
    pick: 'Insert a template',
    none: 'No templates yet. Settings, Texts has room for them.',
    nothing: 'No template is called that.',
    nameless: 'there',
  },

  viewer: {
    title: 'Picture',
    place: (alt: string, n: number, of: number) => (of === 1 ? alt : `${alt}, ${n} of ${of}`),
    close: 'Close',
    before: 'Picture before',
    after: 'Next picture',
  },

  newText: {
    title: 'New text',
    to: 'To',
    placeholder: 'A name or number',
    known: 'People you know',
    from: 'From',
    go: 'Write',
  },

  find: {
    title: 'Find anything',
    placeholder: 'People, words, settings',
    results: 'What fits',
    acts: 'Do',
    act: {
      inbox: 'Go to the inbox',
      newText: 'Write a new text',
      done: 'Mark this conversation as done',
      reopen: 'Reopen this conversation',
      settingsOf: (section: string) => `Settings: ${section}`,
      unread: 'Leave this conversation unread',
      note: 'Write a note in this conversation',
      panel: 'Show or hide the contact panel',
      unreadList: 'Show what is unread',
      waitingList: 'Show who is waiting',
      pause: 'Pause notifications for an hour',
      resume: 'Resume notifications',
      light: 'Light colors',
      dark: 'Dark colors',
      keys: 'List all keys',
    },
  },

  link: {
    title: (host: string) => `Open ${host}?`,
    text: 'It opens in your browser.',
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

  time: {
    onToday: 'today',
    on: (date: string) => `on ${date}`,
    now: 'now',
    yesterday: 'Yesterday',
    today: 'Today',
    minutes: 'min',
    hours: 'h',
    days: 'd',
  },
} as const;
