// Words of the settings for voicemail and for keeping, and how what would go is told.

import type { Keep, Retention } from '../backend/generated/desk';
import { words } from './en';
import { figure, moments } from './formats';

export const voicemailSettings = {
  transcripts: {
    title: 'Transcripts',
    hint: 'Read what a caller said before you listen.',
    engines: {
      off: { title: 'Off', text: 'You listen to every message' },
      twilio: {
        title: 'Twilio writes it down',
        text: 'English only, messages of 2 seconds to 2 minutes. Twilio charges for each one',
      },
      command: {
        title: 'A program on this computer',
        text: 'One you have, such as Whisper. Ringdesk sends nothing; what the program does is up to it',
      },
    },
    tooLong: {
      text: 'The longest messages would not be written down',
      hint: 'Twilio writes down messages of less than 2 minutes, and callers may talk longer than that.',
      fix: 'End messages just under 2 minutes',
    },
    language: {
      text: 'Twilio writes down English only',
      hint: 'Your greeting is in another language. Callers who answer in it leave messages that cannot be read.',
      fix: 'Use a program instead',
    },
    naming: 'Name the program, and it writes down the next message. Until then, nothing changes.',
    program: 'Where the program is',
    programExample: '/usr/local/bin/whisper-cli',
    arguments: 'What it is called with',
    argumentsExample: '--model base.en.bin\n{file}',
    argumentsHint:
      'Separated by spaces or lines; quotes keep what belongs together. {file} stands for the sound file, which comes last where it isn’t named.',
    openQuote: (quote: string) => `A ${quote} is opened and never closed.`,
    tooMany: 'At most 64 can be given.',
    gets: 'What it gets: a WAV file. What it should print: the words as plain text, or JSON with the time of each word, as Whisper and Vosk do. It has ten minutes for each message.',
    runs: 'For each message, this runs:',
    message: 'message.wav',
  },

  listening: {
    title: 'Listening',
    hint: 'How messages play on this computer.',
    speed: 'Speed',
    speedHint: 'Voices keep their pitch.',
    output: 'Sound output',
    outputHint: 'Where messages are heard.',
    outputMissing:
      'The one you chose isn’t there now. Messages play where the computer likes until it is back.',
    anyOutput: 'The computer’s own choice',
    missing: 'The one you chose (not there now)',
  },

  greeting: {
    title: 'Greeting',
    hint: 'What callers hear before the tone, and how long they may talk.',
    go: 'Change what callers hear',
    how: 'Record it here, or choose a WAV or MP3 file. Until then, callers hear the words.',
    choose: 'Choose a WAV or MP3 file. Until then, callers hear the words.',
    record: 'Record',
    another: 'Record another',
    again: 'Record again',
    chooseFile: 'Choose a file',
    starting: 'Opening the microphone…',
    recording: 'Recording. Speak now.',
    of: (which: string) => `${which}, recording`,
    level: 'How loud you are',
    time: (now: string, most: string) => `${now} of ${most}`,
    quiet: 'Nothing can be heard yet. Is the microphone muted, or another one chosen?',
    silent: 'Nothing can be heard in it. Listen before you use it.',
    stop: 'Stop recording',
    discard: 'Discard it',
    storing: 'Keeping it…',
    ready: (length: string) => `Recorded, ${length}. Callers don’t hear it yet.`,
    use: 'Use it',
    listen: 'Listen',
    stopListening: 'Stop',
    inUse: 'Callers hear your new recording.',
    noMicrophone: {
      text: 'No microphone could be used',
      hint: 'Plug one in, or let Ringdesk use it in the system’s settings, and press Record again. Choosing a file works, too.',
    },
    nothing: {
      text: 'Nothing was recorded',
      hint: 'The microphone went away. Plug it in, and record again.',
    },
    putAway: { text: 'Recording ended when the window was put away.', hint: 'Record it again.' },
  },

  email: {
    title: 'Email of voicemails',
    hint: 'Each message goes to you as an email, with its sound and what was written down.',
    notYet: 'Not on yet. It turns on once it knows where to send them and by which server.',
    to: 'To',
    toExample: 'nora@example.com',
    from: 'From',
    fromHint: 'The same address, unless you fill it in',
    host: 'Mail server',
    hostExample: 'smtp.example.com',
    port: 'Port',
    portWrong: 'A number from 1 to 65535, usually 465 or 587.',
    security: 'Encryption',
    securityHint: 'As your mail provider tells you. Most use TLS with port 465 or STARTTLS with port 587.',
    securities: [
      ['tls', 'TLS'],
      ['starttls', 'STARTTLS'],
      ['none', 'None'],
    ],
    open: {
      text: 'Anybody on the way could read these',
      hint: 'Without encryption, messages and the password travel in the open. Only a server on this computer is safe that way.',
      fix: 'Use TLS',
    },
    user: 'User name',
    userHint: 'Often your email address. Leave it empty if the server wants none.',
    password: 'Password',
    passwordHint: 'Saved in this computer’s password safe, and never shown again.',
    passwordKnown: 'One is saved in this computer’s password safe.',
    passwordUnsafe: 'Until Ringdesk is closed, the one it has is used.',
    passwordKept: 'The password is saved.',
    passwordForgotten: 'The password is forgotten.',
    keepPassword: 'Save password',
    replacePassword: 'Replace password',
    forgetPassword: 'Forget password',
    noPassword: 'Type the password first.',
    passwordElsewhere: ['Set ', 'RINGDESK_SMTP_PASSWORD', ' where Ringdesk runs.'],
    cancel: 'Cancel',
    test: 'Send a test email',
    try: 'Try it',
    tryHint: 'Shows whether the server takes your emails.',
    testing: 'Sending…',
    tested: (to: string) => `Sent to ${to}. It should be there in a minute; if not, look in the spam folder.`,
  },

  keeping: {
    title: 'How long things stay',
    hint: 'What is older is deleted, here on this computer.',
    kinds: {
      texts: { title: 'Texts', hint: 'With their pictures.', label: 'Keep texts' },
      calls: { title: 'Calls', hint: 'Calls that left no voicemail.', label: 'Keep calls' },
      voicemails: {
        title: 'Voicemails',
        hint: 'With what was written down of them, and recordings of calls.',
        label: 'Keep voicemails',
      },
    },
    forever: 'Keep for ever',
    aTime: 'For a time',
    days: (what: string) => `${what}, days`,
    quick: (what: string) => `${what}, quick choices`,
    notYet: 'Kept for ever until you choose.',
    after: (time: string) => `Deleted after ${time}.`,
    daysWrong: 'A number of days, at least 7.',
    daysMost: 'At most 36,500 days. “Keep for ever” keeps everything.',
    atTwilio: 'At Twilio',
    atTwilioHint: 'Twilio keeps copies of its own. What is gone here and there cannot be fetched again.',
    deleteThere: 'Delete at Twilio too',
    deleteThereHint: 'What is deleted here is deleted there as well.',
    deleteRecordings: 'Delete recordings at Twilio once a copy is safe here',
    deleteRecordingsHint: 'Twilio charges for storing them. The copy here is then the only one.',
    check: 'Check what would go',
    checkTitle: 'What would be deleted',
    checkHint: 'Only shows it. Nothing is deleted.',
    looking: 'Looking at what would go…',
    hold: 'Conversations on hold',
    holdHint:
      '“Keep everything of this conversation”, beside each conversation, keeps all of it whatever is set here. Useful while a bill or a dispute is open.',
    sure: (what: string) => `Delete ${what}?`,
    sureThere: (what: string) => `Delete ${what} at Twilio?`,
    sureRecordings: 'Delete recordings at Twilio?',
    sureText: 'These settings delete what is listed here, and nobody can bring it back:',
    sureCopies:
      'Each recording is deleted at Twilio once a whole copy is here, also those that are there now. The copy on this computer is then the only one.',
    thereToo: (what: string, n: string) => `${what}; ${n} at Twilio too`,
    thereOnly: (what: string) => `${what} at Twilio; the copies here stay`,
    cancel: 'Keep everything',
    go: 'Delete them for good',
  },
} as const;

const said = {
  would: (what: string) => `This would delete ${what}.`,
  thereToo: (what: string) => `At Twilio, ${what} would go too.`,
  thereOnly: (what: string) => `This would delete ${what} at Twilio. What is here stays.`,
  nothing: 'Nothing would be deleted now.',
  nothingHere: 'Nothing would be deleted here now. At Twilio, recordings go once a copy is safe here.',
  held: (n: number) =>
    n === 1
      ? '1 conversation is kept whatever happens.'
      : `${figure(n)} conversations are kept whatever happens.`,
  oldest: (what: string, day: string) => `${what}, the oldest from ${day}`,
  only: (what: string, day: string) => `${what} from ${day}`,
};

const nouns = {
  texts: ['text', 'texts'],
  calls: ['call', 'calls'],
  voicemails: ['voicemail', 'voicemails'],
  recordings: ['recording of a call', 'recordings of calls'],
  /** At Twilio, those of voicemails are among them. */
  copies: ['recording', 'recordings'],
} as const;

type Item = Retention['items'][number];

const days = moments({ day: 'numeric', month: 'long', year: 'numeric' });

/** So many of something: "1 text", "214 texts". */
export function counted(kind: keyof typeof nouns, n: number): string {
  return `${figure(n)} ${nouns[kind][n === 1 ? 0 : 1]}`;
}

/** So many of something, and how old the oldest is. */
function dated({ kind, count, oldest }: Item): string {
  const what = counted(kind, count);
  if (oldest === null) return what;
  return (count === 1 ? said.only : said.oldest)(what, days.format(oldest));
}

/** Parts of a sentence as one. What holds a comma of its own ends with one. */
function joined(parts: string[]): string {
  const [first, second] = parts;
  return parts.length === 2 && first?.includes(', ') ? `${first}, and ${second}` : words.and(parts);
}

/** What goes here, and what goes at Twilio. */
function split({ items }: Retention): { here: Item[]; there: string[] } {
  const there = items.filter(({ at_twilio }) => at_twilio > 0);
  return { here: items.filter(({ count }) => count > 0), there: there.map(atTwilio) };
}

function atTwilio({ kind, at_twilio }: Item): string {
  return counted(kind === 'recordings' ? 'copies' : kind, at_twilio);
}

/** What was found, without what stays at Twilio by these settings. */
export function withSettings(found: Retention, keep: Keep): Retention {
  const goesThere = ({ kind }: Item) =>
    keep.delete_at_twilio || (kind === 'recordings' && keep.delete_recordings_at_twilio);
  const items = found.items.map((item) => (goesThere(item) ? item : { ...item, at_twilio: 0 }));
  return { ...found, items };
}

/** Whether anything goes. */
export function isAnything({ items }: Retention): boolean {
  return items.some(({ count, at_twilio }) => count + at_twilio > 0);
}

/** What would go with these settings, in sentences. */
export function goesSaid(found: Retention, keep: Keep): string {
  const { here, there } = split(found);
  const eldest = Math.min(...here.map(({ oldest }) => oldest ?? Infinity));
  // The oldest of all is told once, beside its kind.
  const first = here.find(({ oldest }) => oldest === eldest);
  const named = here.map((item) => (item === first ? dated(item) : counted(item.kind, item.count)));
  const sentences = [
    ...(here.length > 0 ? [said.would(joined(named))] : []),
    ...(there.length > 0 ? [(here.length > 0 ? said.thereToo : said.thereOnly)(joined(there))] : []),
    ...(isAnything(found) ? [] : [keep.delete_recordings_at_twilio ? said.nothingHere : said.nothing]),
    ...(found.held > 0 ? [said.held(found.held)] : []),
  ];
  return sentences.join(' ');
}

/** The question before it goes, with its numbers. */
export function sureSaid(found: Retention): string {
  const { here, there } = split(found);
  const { sure, sureThere } = voicemailSettings.keeping;
  if (here.length > 0) return sure(joined(here.map(({ kind, count }) => counted(kind, count))));
  return sureThere(joined(there));
}

/** What goes, kind by kind. */
export function goesList({ items }: Retention): string[] {
  const { thereToo, thereOnly } = voicemailSettings.keeping;
  return items.flatMap((item) => {
    const { count, at_twilio } = item;
    const here = count > 0 ? [dated(item)] : [];
    if (at_twilio === 0) return here;
    // Where more go there than here, copies of some stay.
    if (at_twilio > count) return [...here, thereOnly(atTwilio(item))];
    return here.map((one) => thereToo(one, figure(at_twilio)));
  });
}

/** How many conversations are kept whatever happens; none: no sentence. */
export function heldSaid({ held }: Retention): string | null {
  return held > 0 ? said.held(held) : null;
}

/** How long something is kept: "2 years", "1 year", "90 days". */
export function keptFor(days: number): string {
  const years = days / 365;
  if (Number.isInteger(years)) return years === 1 ? '1 year' : `${figure(years)} years`;
  return `${figure(days)} days`;
}
