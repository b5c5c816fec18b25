// Words of voicemail: what was said, who heard it, and what stands in the way.

import type { Engine, Voicemail } from '../backend/generated/desk';
import { words } from './en';
import { lasted } from './time';

/** How our own side is named where a name is stored. */
export const OWNER = 'owner';

export const voicemail = {
  ...words.voicemail,
  list: 'Voicemails, newest first',
  search: 'Search what people said',
  filters: { all: 'All', unheard: 'Not heard', waiting: 'Needs a call back' },
  loading: 'Getting your voicemail…',
  failed: { title: 'Your voicemail could not be shown', text: 'Nothing was lost. Try once more.' },
  empty: {
    all: {
      title: 'No voicemail',
      text: 'Nothing is left to be heard. When someone leaves a message, you can read it here first.',
    },
    unheard: { title: 'You’ve heard everything', text: 'New messages appear here on their own.' },
    waiting: { title: 'Nobody waits for a call back', text: 'Everybody who left a message has an answer.' },
    found: { title: 'Nothing found', text: 'Try fewer words, the start of a name, or part of a number.' },
    pick: { title: 'Pick a voicemail', text: 'Read what was said, listen, and answer from here.' },
    /** Where one line was chosen for the whole window. */
    oneLine: 'Only one of your lines is shown.',
    allLines: 'Show all lines',
    showAll: 'Show all voicemail',
    greeting: 'Choose what callers hear',
  },

  back: 'Back to voicemail',
  newer: 'Newer voicemail',
  older: 'Older voicemail',
  place: (n: number, of: string) => `${n} of ${of}`,
  markHeard: 'Mark as heard',
  markUnheard: 'Mark as not heard',
  copy: 'Save a copy',
  remove: 'Delete voicemail',
  callBack: 'Call back',
  textBack: 'Text back',
  open: 'Open conversation',
  inVoicemail: 'Open in Voicemail',
  addContact: 'Add contact',
  contactName: 'Their name',
  saveContact: 'Save contact',
  cancel: 'Cancel',

  heard: { you: 'Heard by you', other: (name: string) => `Heard by ${name}`, nobody: 'Not heard' },
  playing: 'Playing',
  calledBack: 'You called back',
  writing: 'Writing it down…',
  writingUnheard: 'Not heard, writing it down…',
  noSpeech: 'No speech found. Probably a pocket call.',
  toHear: 'Not written down. Listen to it.',
  noLength: 'length unknown',

  deck: {
    label: 'Player',
    play: (who: string) => `Play the voicemail from ${who}`,
    pause: 'Pause',
    position: (who: string) => `Position in the voicemail from ${who}`,
    of: (at: string, length: string) => `${at} of ${length}`,
    ofUnknown: (at: string) => `${at}, length unknown`,
    back: 'Back 5 seconds',
    forward: 'Forward 5 seconds',
    speed: 'Speed',
    space: 'Space',
    toPlay: 'play',
    toSkip: 'skip',
    paused: (at: string) => `Paused at ${at}`,
    ended: 'Played to the end',
    again: 'Try again',
    outputs: 'Sound settings',
  },

  audio: {
    wanted: {
      text: 'On its way from Twilio',
      hint: 'It plays as soon as it is here, usually within a minute.',
    },
    /** It was tried before. */
    delayed: (why: string) => ({
      text: 'Not here yet',
      hint: `Ringdesk goes on trying. Last time: ${why}`,
    }),
    refused: (why: string | null) => ({
      text: 'The recording could not be taken in',
      hint: `${why ?? 'What Twilio sent is no sound that can be played.'} Try to get it once more.`,
    }),
    gone: (why: string | null) => ({
      text: 'There is no recording',
      hint: `${why ?? 'Twilio no longer has it.'} Call them back, or ask Twilio once more.`,
    }),
    deleted: {
      text: 'The recording was deleted',
      hint: 'Your settings for how long things are kept said so. If Twilio still has it, it can be had again.',
    },
    /** It plays all the same. */
    doubtful: (why: string) => `${why} Something may be missing at its end.`,
    again: 'Get it from Twilio',
    none: 'There is no sound to play.',
  },

  transcript: {
    title: (first: string | null) => (first ? `What ${first} said` : 'What they said'),
    words: (first: string | null) =>
      first ? `What ${first} said, word by word` : 'What they said, word by word',
    howTo: 'Press any word to hear it.',
    unsure: 'Words with a dotted line may be wrong.',
    notSure: 'Not sure about this word',
    by: { twilio: 'Written down by Twilio.', command: 'Written down on this computer.' },
    edited: 'You changed these words.',
    copy: 'Copy',
    copied: 'Copied',
    notCopied: 'The clipboard did not take it. Mark the words and copy them yourself.',
    unsaved: 'What you changed isn’t saved yet. Press Edit to go on with it.',
    edit: 'Edit',
    typeIt: 'Type it yourself',
    label: 'What was said',
    save: 'Save words',
    cancel: 'Cancel',
    original: 'Back to the original',
    originalText: 'Written down was:',
    more: 'More',
    less: 'Less',
    again: 'Try again',
    now: 'Write it down now',
    settings: 'Settings → Voicemail',
    off: {
      text: 'Messages are not written down.',
      hint: 'Have them written down, and read before you listen.',
    },
    problem: {
      too_short: {
        text: 'Too short to be written down.',
        hint: 'Twilio leaves out the shortest messages. Listen to it.',
      },
      too_long: {
        text: 'Too long to be written down.',
        hint: 'Twilio writes down messages of less than 2 minutes. A program on this computer can do longer ones.',
      },
      language: {
        text: 'Twilio writes down English only.',
        hint: 'A program on this computer can do other languages.',
      },
      failed: {
        text: 'It could not be written down.',
        hint: 'The message itself is fine. Listen to it, or try again.',
      },
      no_answer: {
        text: 'Nothing came back.',
        hint: 'Whoever writes messages down did not answer. Try again.',
      },
      no_program: {
        text: 'The program that writes messages down did not start.',
        hint: 'Check where it is, then try again.',
      },
      no_audio: {
        text: 'There is no sound to write down.',
        hint: 'Get the recording first; then it can be written down.',
      },
    },
  },

  quick: {
    title: 'Text back with',
    more: 'More',
    hint: 'Nothing is sent until you have read it over.',
  },

  email: {
    waiting: 'Waiting to be emailed to you.',
    delayed: (why: string) => `Not emailed yet, but it is tried again. Last time: ${why}`,
    sent: 'Emailed to you.',
    failed: (why: string | null) => (why ? `Could not be emailed: ${why}` : 'Could not be emailed.'),
    again: 'Try again',
  },

  find: {
    go: 'Go to the voicemail',
    unheard: 'Show voicemail nobody has heard',
    waiting: 'Show who needs a call back',
    play: 'Play or pause this voicemail',
    markHeard: 'Mark this voicemail as heard',
    markUnheard: 'Mark this voicemail as not heard',
    copy: 'Save a copy of this voicemail',
    remove: 'Delete this voicemail',
    faster: 'Play faster',
    slower: 'Play slower',
  },

  keys: {
    title: 'In Voicemail',
    remove: 'Del',
    list: [
      ['Space', 'Pause what plays, or play'],
      ['← →', '5 seconds back, or forward'],
      ['J ↓', 'Next voicemail'],
      ['K ↑', 'Previous voicemail'],
      ['Shift ← →', 'Previous, or next voicemail'],
      ['[ ]', 'Slower, or faster'],
      ['M', 'Heard, or not heard'],
      ['C', 'Call back'],
      ['R', 'Text back'],
      ['Del', 'Delete'],
      ['/', 'Search'],
    ] as [string, string][],
  },
} as const;

export interface Told {
  text: string;
  hint: string;
}

/** A moment of a recording: "0:23". */
export const clock = (ms: number) => lasted(Math.max(0, Math.floor(ms / 1_000)));

/** A speed in percent: "1.25×". */
export const speedSaid = (percent: number) => `${percent / 100}×`;

/** A whole length: "0:42". What is shorter than a second is one. */
export const lengthSaid = (ms: number) => lasted(Math.max(1, Math.round(ms / 1_000)));

/** Who listened. */
export function heardSaid({ heard, heard_by }: Pick<Voicemail, 'heard' | 'heard_by'>): string {
  const { you, other, nobody } = voicemail.heard;
  if (!heard) return nobody;
  return heard_by === null || heard_by === OWNER ? you : other(heard_by);
}

export interface Standing {
  said: string;
  sign: 'unheard' | 'writing' | 'called' | 'heard';
}

/** What a row of the list says at its foot. */
export function standing(one: Voicemail): Standing {
  const isWriting = one.writing === 'writing';
  if (!one.heard)
    return { said: isWriting ? voicemail.writingUnheard : voicemail.heard.nobody, sign: 'unheard' };
  if (isWriting) return { said: voicemail.writing, sign: 'writing' };
  if (one.called_back) return { said: voicemail.calledBack, sign: 'called' };
  return { said: heardSaid(one), sign: 'heard' };
}

/** What stands for the words where there are none; null: they are being written down. */
export function wordless({ writing, writing_problem }: Voicemail): string | null {
  switch (writing) {
    case 'writing':
      return null;
    case 'no_speech':
      return voicemail.noSpeech;
    case 'unavailable':
      return voicemail.transcript.problem[writing_problem ?? 'failed'].text;
    default:
      return voicemail.toHear;
  }
}

/** What helps where nothing is written down. */
export interface Unwritten extends Told {
  /** Whether it helps to try again. */
  again: boolean;
  /** Whether the settings help. */
  settings: boolean;
}

/** Why nothing is written down, and what helps where this is who writes messages down now. */
export function unwritten({ writing, writing_problem, audio }: Voicemail, now: Engine): Unwritten {
  const { off, problem: problems } = voicemail.transcript;
  // A program takes any message at any time; Twilio is only asked once more for what it once began.
  const program = audio === 'kept' && now === 'command';
  if (writing !== 'unavailable') {
    if (now === 'off') return { ...off, again: false, settings: true };
    return { text: voicemail.toHear, hint: '', again: program, settings: false };
  }
  const problem = writing_problem ?? 'failed';
  const settings = problem === 'too_long' || problem === 'language' || problem === 'no_program';
  const asked = now === 'twilio' && (problem === 'failed' || problem === 'no_answer');
  return { ...problems[problem], again: program || asked, settings };
}

/** Who wrote it down; empty where nobody knows. */
export function writtenBy({ engine }: Pick<Voicemail, 'engine'>): string {
  return engine === 'twilio' || engine === 'command' ? voicemail.transcript.by[engine] : '';
}

const sentence = (text: string) => (/[.!?…]$/.test(text) ? text : `${text}.`);

export interface Silent extends Told {
  /** Whether it can be asked for again. */
  again: boolean;
}

/** Why there is nothing to hear, and what to do; null where there is. */
export function silent({ audio, audio_problem }: Pick<Voicemail, 'audio' | 'audio_problem'>): Silent | null {
  const said = voicemail.audio;
  const why = audio_problem === null ? null : sentence(audio_problem);
  switch (audio) {
    case 'kept':
      return null;
    case 'wanted':
      return why === null ? { ...said.wanted, again: false } : { ...said.delayed(why), again: true };
    case 'refused':
      return { ...said.refused(why), again: true };
    case 'gone':
      return { ...said.gone(why), again: true };
    case 'deleted':
      return { ...said.deleted, again: true };
  }
}

/** What became of the letter about it; null where none is sent. */
export function emailSaid({
  email,
  email_problem,
}: Pick<Voicemail, 'email' | 'email_problem'>): string | null {
  const said = voicemail.email;
  const why = email_problem === null ? null : sentence(email_problem);
  if (email === 'failed') return said.failed(why);
  if (email === 'waiting' && why) return said.delayed(why);
  return email && said[email];
}

/** What is odd about a recording that plays all the same; null where nothing is. */
export function doubtful({
  audio,
  audio_problem,
}: Pick<Voicemail, 'audio' | 'audio_problem'>): string | null {
  return audio === 'kept' && audio_problem ? voicemail.audio.doubtful(sentence(audio_problem)) : null;
}

/** How a voicemail's words can be read at a glance. */
export function preview(one: Voicemail): string | null {
  return one.transcript?.trim() ? one.transcript.replace(/\s+/g, ' ').trim() : null;
}
