// What this computer plays and hears. In the program's own window the host does it: its page cannot.

/** Where the player is. */
export interface Playing {
  /** A voicemail's id, or `greeting:` and the name of a sound of ours. */
  what: string | null;
  state: 'idle' | 'playing' | 'paused' | 'ended' | 'trouble';
  /** In milliseconds of the recording, as it is heard. */
  position_ms: number;
  /** 0 while it is not known. */
  length_ms: number;
  /** 1 is as it was spoken. */
  speed: number;
  /** How much of it was heard since it began to play; what was jumped over does not count. */
  played_ms: number;
  trouble: Trouble | null;
}

/** Why nothing is heard. */
export type Trouble = 'no_device' | 'device_lost' | 'unplayable';

/** Something sound comes out of. */
export interface Output {
  id: string;
  name: string;
}

/** What was spoken into the microphone, a WAV file in Base64. */
export interface Recorded {
  base64: string;
  seconds: number;
}

export interface Player {
  /** Hears where the player is: now, at each change, and often while it plays. Answers how to stop hearing. */
  listen(take: (playing: Playing) => void): () => void;
  /** Plays a voicemail by its id, or a sound of ours as `greeting:` and its name, from a moment of it on. */
  play(what: string, atMs: number, speed: number): Promise<void>;
  pause(): Promise<void>;
  resume(): Promise<void>;
  seek(ms: number): Promise<void>;
  speed(times: number): Promise<void>;
  stop(): Promise<void>;
  outputs(): Promise<Output[]>;
  /** Saves the sound of a voicemail as a file. Answers where; null where the browser chose. */
  saveCopy(voicemail: string): Promise<string | null>;
  /** Begins to record the microphone (null), or ends it. */
  record(on: boolean): Promise<Recorded | null>;
  /** How loud it is at the microphone, 0 to 1. */
  recordLevel(): Promise<number>;
  /** Keeps the password of the mail server in the password safe; null forgets it. */
  mailPassword(password: string | null): Promise<void>;
  mailPasswordKnown(): Promise<boolean>;
}
