// The words of the first run: connecting an account, and from there to a working line.

import type { Answers, Way } from '../backend/generated/desk';

/** The places Twilio's own pages are at. */
export const places = {
  home: 'https://console.twilio.com',
  buy: 'https://console.twilio.com/us1/develop/phone-numbers/manage/search',
  bins: 'https://console.twilio.com/us1/develop/twiml-bins',
  cloudflared: 'https://developers.cloudflare.com/cloudflare-one/connections/connect-networks/downloads/',
  tailscale: 'https://tailscale.com/download',
  ngrok: 'https://ngrok.com/download',
} as const;

/** A sentence of several things: "Texts, calls and pictures". */
const list = new Intl.ListFormat('en-GB');
const capital = (words: string) => words.charAt(0).toUpperCase() + words.slice(1);
/** A program as its makers write it. */
const named = (program: string) => (program === 'tailscale' ? 'Tailscale' : program);

interface WayWords {
  title: string;
  /** What it is and needs. */
  text: string;
  tag: string;
}

export const setup = {
  title: 'Set up your line',
  groups: {
    account: 'Account',
    number: 'Number',
    reach: 'Reach',
    hours: 'Hours',
    backup: 'Backup',
    test: 'Test',
  },
  stepOf: (n: number, of: number) => `Step ${n} of ${of}`,
  isDone: 'done',
  isSkipped: 'skipped',

  back: 'Back',
  later: 'Finish later',
  skip: 'Skip this step',
  goOn: 'Continue',
  again: 'Try again',
  lookAgain: 'Look again',
  asking: 'Asking Twilio…',
  copy: 'Copy',
  copied: 'Copied.',
  notCopied: 'The clipboard did not take it. Mark the words and copy them yourself.',
  noLink: { message: 'Your browser did not open.', hint: 'Open this page yourself:' },

  account: {
    openTwilio: 'Open Twilio',
    looksRight: 'Looks right',
    sidWrong: 'Not complete yet: it is AC and 32 more letters and digits.',
    advanced: 'Advanced',
    keyAlso: 'Use an API key as well',
    keyNot: 'Leave the API key out',
    keyText:
      'Ringdesk then asks and sends with the key, which you can withdraw at Twilio at any time. The Auth Token only proves that what arrives really comes from Twilio.',
    keySid: 'API key SID',
    keySidHint: 'It starts with SK. A standard key is enough; a restricted one may be too narrow.',
    keySidWrong: 'Not complete yet: it is SK and 32 more letters and digits.',
    keySecret: 'API key secret',
    keySecretHint: 'Twilio shows it once, when the key is made.',
  },

  lines: {
    title: 'Which numbers are your business lines?',
    found: (n: number) =>
      n === 1
        ? 'Found one number on this account.'
        : `Found ${n} numbers on this account. You can add or leave out others later.`,
    looking: 'Asking Twilio for your numbers…',
    list: 'Numbers of your account',
    use: (n: number) => (n === 1 ? 'Use this number' : `Use these ${n} numbers`),
    pick: 'Use the picked numbers',
    using: 'Keeping your choice…',
    pickOne: { message: 'Pick at least one number.', hint: 'Or skip this step and come back to it.' },
    can: (texts: boolean, calls: boolean, pictures: boolean) => {
      const all = [texts && 'texts', calls && 'calls', pictures && 'pictures'].filter((one) => one !== false);
      if (all.length === 0) return 'Takes neither texts nor calls.';
      if (!texts) return 'Calls only. This number takes no texts yet.';
      if (!calls) return `${capital(list.format(all))} only. This number takes no calls.`;
      return capital(list.format(all));
    },
    ready: 'Ready',
    textsNotYet: 'Texts not yet',
    textsOnly: 'Texts only',
    unusable: 'No texts, no calls',
    /** Where it answers today: a title and what that means. */
    answers: (answers: Answers, at: string | null): { title: string; text: string } | null => {
      const old = 'Ringdesk will take over and remember the old setting, so you can put it back.';
      switch (answers) {
        case 'demo':
          return {
            title: 'This number answers somewhere else today.',
            text: `It plays a Twilio demo message. ${old}`,
          };
        case 'elsewhere':
          return {
            title: 'This number answers somewhere else today.',
            text: `${at ? `What arrives goes to ${at}.` : 'What arrives goes to another program.'} ${old}`,
          };
        case 'other_desk':
          return {
            title: 'Another computer answers this number.',
            text: `${at ? `It is Ringdesk at ${at}.` : 'It is another Ringdesk.'} If you go on, texts and calls arrive here and no longer there.`,
          };
        case 'nowhere':
        case 'here':
          return null;
      }
    },
    here: 'Already arrives on this computer',
    none: {
      title: 'There is no number on this account yet',
      text: 'Get one at Twilio: pick a place, look for one that takes texts and calls, and buy it. Then look again.',
      buy: 'Get a number at Twilio',
    },
  },

  overrides: {
    title: 'Something at Twilio goes before this number’s own settings',
    kinds: {
      messaging_service: 'Messaging Service',
      text_application: 'Application for texts',
      call_application: 'Application for calls',
      trunk: 'SIP trunk',
      studio_flow: 'Studio flow',
    },
    named: (kind: string, name: string) => `${kind} “${name}”`,
    mends: (what: string) => `Mending it: ${what}`,
    byHand: 'Ringdesk can’t change this from here. Change it at Twilio, then look again.',
    also: 'Also mend this',
    open: 'Open Twilio',
  },

  changes: {
    nothing: 'nothing',
    here: 'this computer',
    /** Where it goes when it did not get through at first. */
    again: 'this computer, once more',
    demo: 'a Twilio demo message',
    hosted: 'your backup at Twilio',
    becomes: 'becomes',
    /** What a field is about; what others are about, the desk says. */
    fields: {
      SmsUrl: 'Texts',
      SmsFallbackUrl: 'Texts, if this computer does not answer',
      SmsMethod: 'How texts are sent',
      SmsFallbackMethod: 'How texts are sent then',
      VoiceUrl: 'Calls',
      VoiceFallbackUrl: 'Calls, if this computer does not answer',
      VoiceMethod: 'How calls are sent',
      VoiceFallbackMethod: 'How calls are sent then',
      StatusCallback: 'Call endings',
      StatusCallbackMethod: 'How call endings are sent',
    } as Record<string, string>,
    /** Two fields that become the same, said as one. */
    both: {
      urls: 'Texts and calls',
      fallbacks: 'If this computer does not answer',
      methods: 'How texts and calls are sent',
      fallbackMethods: 'How they are sent then',
    },
    details: 'Twilio’s own names of these',
    field: 'Field',
    now: 'Now',
    then: 'Then',
    empty: 'empty',
  },

  way: {
    title: 'How should calls and texts find this computer?',
    lead: 'Twilio brings them over a private path. Only what really comes from Twilio is let in.',
    label: 'Ways to this computer',
    ways: {
      cloudflare_named: {
        title: 'Cloudflare tunnel with your own name',
        text: 'An address of your own that stays. Needs a domain and a tunnel you made at Cloudflare.',
        tag: 'For good',
      },
      tailscale: {
        title: 'Tailscale Funnel',
        text: 'An address that stays, without a domain. Needs this computer signed in to Tailscale with Funnel allowed.',
        tag: 'For good',
      },
      ngrok: {
        title: 'ngrok',
        text: 'An address from ngrok. Needs an ngrok account this computer is signed in to; an address of your own is best.',
        tag: 'For good',
      },
      cloudflare_quick: {
        title: 'Cloudflare quick tunnel',
        text: 'Needs nothing else. Its address changes at every start; Ringdesk can follow it by itself.',
        tag: 'For a try',
      },
      own: {
        title: 'An address of my own',
        text: 'For who runs a web server or router that already leads here, with a certificate.',
        tag: 'For good',
      },
    } satisfies Record<Exclude<Way, 'unset'>, WayWords>,
    /** The one that needs nothing, which comes first. */
    easy: {
      title: 'Let Ringdesk set it up',
      text: 'Nothing to set up. It goes through Cloudflare; its address changes at every start, and Ringdesk can follow it by itself.',
      tag: 'Simplest',
    },
    easyLacks:
      'Ringdesk can set it up with a small program. Get it, then look again; it takes a few minutes.',
    own: 'Other ways, such as an address of your own',
    notHere: 'These need a program first',
    tooOld: (version: string) => `Version ${version} is here, but too old. Get a newer one.`,
    missing: (program: string) => `${named(program)} is not on this computer yet.`,
    get: (program: string) => `Get ${named(program)}`,
    ownAddress: 'Your address',
    ownExample: 'https://phone.example.com',
    ownWrong: 'It begins with https:// and a name others can reach, such as https://phone.example.com.',
    host: 'Name of your address',
    hostExample: 'phone.example.com',
    hostWrong: 'A name such as phone.example.com, as you set it at Cloudflare.',
    tunnel: 'Name of the tunnel',
    tunnelExample: 'front-desk',
    tunnelWrong: 'Type the name the tunnel has at Cloudflare.',
    domain: 'Your ngrok address (optional)',
    domainExample: 'front-desk.ngrok.app',
    follow: 'Follow a new address by itself',
    followHint: 'When the address changes, your numbers are pointed to it without asking.',
    pickOne: { message: 'Pick a way first.', hint: 'Or skip this step and come back to it.' },
    keep: 'Keep the way I have',
    use: 'Use this way',
    using: 'Opening…',
    fixed: 'The address was given when Ringdesk was started and can’t be changed here.',
  },

  reach: {
    title: 'Making sure calls can find you',
    lead: 'We open a safe, private path from Twilio to this computer and try it both ways.',
    list: 'What is tried, in order',
    signs: { wait: 'Waiting', run: 'Running', pass: 'Passed', fail: 'Needs you' },
    signedIn: 'Signed in to Twilio',
    signedInText: 'Twilio accepts your account.',
    signingIn: 'Signing in to Twilio…',
    notSignedIn: 'Twilio does not answer just now',
    notSignedInText: 'Look whether this computer is online. Ringdesk goes on asking.',
    refused: 'Twilio no longer accepts your sign-in',
    refusedText: 'The token may have been changed. Connect your account again.',
    connect: 'Connect again',
    path: 'Private path',
    pathText: 'Choose a way first.',
    pathOpening: 'Opening a private path…',
    pathOpeningText: 'This can take half a minute.',
    pathOpen: 'Private path opened',
    pathOpenText: 'Only Twilio can use it, every message is checked.',
    pathFailed: 'The path did not open',
    knock: 'Try a test call-in',
    knockText: 'A signed practice message has to come through.',
    knocking: 'Trying a test call-in…',
    knownSoon: 'The new address is being made known; this can take a minute.',
    knocked: 'A test call-in came through',
    knockedText: 'The signed practice message reached this computer.',
    notKnocked: 'The test call-in did not come through',
    unknown: 'Why is not known. Ringdesk goes on trying.',
    point: 'Point your number here',
    pointText: 'The next step. The old setting is saved first.',
    pointed: 'Your numbers point here',
    pointedText: 'Nothing is left to change.',
    backup: 'Message-taking while this computer sleeps',
    backupText: 'A step further on. Twilio takes voicemail for you until it wakes.',
    other: 'Choose another way',
    took: (ms: number) =>
      ms < 950 ? `0.${Math.max(1, Math.round(ms / 100))} s` : `${(ms / 1000).toFixed(1)} s`,
    curious: 'Details for the technically curious',
    address: 'Address',
    program: 'Program',
    none: 'none yet',
    fields: 'What your numbers will be set to',
  },

  point: {
    title: 'Point your numbers here',
    lead: 'This is what changes at Twilio. What is set now is kept, and you can put it back at any time.',
    looking: 'Reading what is set at Twilio…',
    nothing: 'Already set. Nothing has to change.',
    also: 'Also mend what goes before the number’s own settings',
    go: 'Set it up for me',
    going: 'Setting it up…',
    done: 'Your numbers point here.',
    doneText: 'Read again at Twilio: every one of them is set as it should be.',
    noAddress: {
      title: 'There is no way to this computer yet',
      text: 'Your numbers can be pointed here as soon as there is one.',
      go: 'Choose a way',
    },
    noLines: {
      title: 'No number is picked yet',
      text: 'Pick the numbers that are your lines first.',
      go: 'Pick numbers',
    },
    unseen: 'Twilio doesn’t show your Messaging Services',
    unseenText:
      'The API key may not see them. If texts don’t arrive, look at Twilio whether one of them holds your number.',
    left: 'Something is still in the way',
    leftText:
      'Texts or calls may go elsewhere until it is changed. You can go on, and Line check-up reminds you.',
    keeps: 'What it had before is kept.',
  },

  hours: {
    title: 'Where calls ring, and when you’re open',
    lead: 'The phones that ring for a customer, and your week. Everything here is kept as you change it.',
    business: 'Your business',
    calls: 'Calls and hours',
  },

  greeting: {
    title: 'What callers hear',
    lead: 'When nobody picks up, and when you’re closed. The usual words will do.',
    card: 'Greetings',
  },

  backup: {
    title: 'While this computer sleeps',
    lead: 'A sleep backup is kept at Twilio. It takes messages when this computer is off or has no connection.',
    looking: 'Looking at your sleep backup…',
    card: 'Sleep backup',
    rings: 'Ring my phones first',
    ringsHint: 'At any hour: it knows nothing of your hours. Otherwise it takes a message at once.',
    ringsNobody: 'No phone is set to ring yet.',
    make: 'Set up the sleep backup',
    renew: 'Bring it up to date',
    retry: 'Try again to make it for me',
    use: 'Have my lines use it',
    making: 'Setting it up…',
    heard: (when: string) => `You heard it ${when}.`,
    byHand: 'Make it at Twilio, in three steps',
    steps: {
      copy: 'Copy these words.',
      bin: 'Make a “TwiML Bin” at Twilio, paste them there and save it.',
      address: 'Copy the address of the bin and paste it here.',
    },
    document: 'What the TwiML Bin has to hold',
    openBins: 'Open TwiML Bins',
    address: 'Address of the TwiML Bin',
    addressExample: 'https://handler.twilio.com/twiml/EH…',
    useBin: 'Use this TwiML Bin',
    usingBin: 'Looking at it…',
    try: 'Hear it once',
    tryText: 'Your phone rings, and you hear what callers will. That is how you know it works.',
    phone: 'Your phone',
    phoneExample: '(415) 555-0107',
    call: 'Call me with it',
    calling: 'Calling…',
    rung: 'Your phone rings now. Pick up and listen.',
    heardIt: 'I heard it',
    nothing: 'Nothing came',
    notHeard: {
      message: 'Then it can’t be relied on yet.',
      hint: 'Look at the number above and call again. If nothing comes again, bring the backup up to date.',
    },
  },

  test: {
    title: 'Say hello to yourself',
    lead: 'Send one text to your own mobile. When you answer it, we know everything works.',
    mobile: 'Your mobile',
    mobileExample: '(415) 555-0107',
    line: 'From',
    send: 'Send a text',
    sendAgain: 'Send again',
    sending: 'Sending…',
    body: 'Hello from your new front desk. Reply with anything.',
    chat: 'Your practice conversation',
    you: 'You',
    waiting: 'Waiting for your answer…',
    both: 'Your line works in both directions.',
    bothText: 'Your text arrived, and your answer came back.',
    call: 'Now call yourself',
    callText: (number: string) => `Call ${number} from your mobile. It shows here as soon as it rings.`,
    noCall: 'No call yet',
    called: 'Your call came in.',
    stuck: 'Nothing arrives?',
    stuckText:
      'It can take a minute. If nothing comes: look whether the text was delivered, and whether your number points here. On a trial account, Twilio only texts numbers you verified there.',
    checkReach: 'Check the way again',
    checkPoint: 'Check the numbers',
    noLine: {
      title: 'No line is known yet',
      text: 'Pick a number first; then you can text yourself from it.',
    },
  },

  rules: {
    title: 'Before you text customers',
    lead: 'Carriers in the US ask businesses to register before they text. This is how your numbers stand.',
    looking: 'Asking Twilio how you are registered…',
    list: 'Registrations',
    none: 'Nothing is known of registrations for your numbers.',
    grades: { pass: 'In order', warn: 'Not in order yet', fail: 'Needs you', unknown: 'Not known' },
    why: 'Why it matters',
    fixing: 'Mending…',
    openTwilio: 'Open Twilio',
    recording: 'Tell callers they are recorded',
    recordingText:
      'Ringdesk keeps what callers say after the tone. In many places people have to be told; whoever advises your business knows what holds for yours.',
    sentence: 'Your message will be recorded.',
    add: 'Add it to my greetings',
    added: 'Your greetings say it.',
    own: 'A greeting is your own recording. Say it there, too.',
    finish: 'Done, open my inbox',
    finishing: 'Opening…',
  },
} as const;
