// A greeting that is spoken into this computer's microphone, until it is used or discarded. The microphone is
// listened to for its level only while it records.

import type { Backend } from '../../backend/backend';
import { isCommandError } from '../../backend/backend';
import type { Recorded } from '../../backend/player';
import { voicemailSettings } from '../../words/voicemail-settings';

/** Longest recording, in seconds. */
export const LONGEST = 120;
/** Milliseconds between two looks at the level. */
const OFTEN = 125;
/** Less than this is silence. */
const SILENCE = 0.02;
/** Seconds of silence after which it is said. */
const PATIENCE = 3;

const said = voicemailSettings.greeting;

export class Recorder {
  state = $state<'idle' | 'starting' | 'recording' | 'storing' | 'ready'>('idle');
  /** 0 to 1. */
  level = $state(0);
  /** So long it is, or has become. */
  seconds = $state(0);
  /** Whether anything but silence was heard. */
  heard = $state(false);
  /** The sound that was kept, by its name. */
  sha256 = $state<string | null>(null);
  problem = $state.raw<{ text: string; hint: string } | null>(null);

  readonly #backend: Backend;
  /** The one that has the microphone. */
  static #at: Recorder | null = null;
  /** It is opened and let go in the order that was asked for. */
  static #queue: Promise<unknown> = Promise.resolve();
  /** Counts how often it was asked to open. */
  static #openings = 0;
  #timer: ReturnType<typeof setInterval> | undefined;
  #began = 0;
  #asking = false;
  /** Counts what was asked for: what comes late is dropped. */
  #turn = 0;

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  /** Whether nothing has been heard for so long that something is wrong. */
  get isTooQuiet(): boolean {
    return this.state === 'recording' && !this.heard && this.seconds >= PATIENCE;
  }

  /** Opens the microphone and records. */
  async start(): Promise<void> {
    if (this.state === 'starting' || this.state === 'recording' || this.state === 'storing') return;
    const turn = this.#begin('starting');
    // There is one microphone: who records elsewhere stops.
    if (Recorder.#at !== this) void Recorder.#at?.discard();
    Recorder.#at = this;
    document.addEventListener('visibilitychange', this.#lookAway);
    let opening = 0;
    try {
      // What plays would be recorded, too.
      await this.#backend.player.stop();
      opening = ++Recorder.#openings;
      await this.#record(true);
    } catch (error) {
      if (turn === this.#turn) this.#fail(error, said.noMicrophone);
      return;
    }
    if (turn !== this.#turn) {
      // Whoever had it opened since has it now.
      if (opening === Recorder.#openings) await this.#letGo();
      return;
    }
    this.state = 'recording';
    this.#began = performance.now();
    this.#timer = setInterval(() => void this.#look(), OFTEN);
  }

  /** Ends the recording and keeps it, so that it can be listened to. */
  async stop(): Promise<void> {
    if (this.state !== 'recording') return;
    this.#unwatch();
    this.state = 'storing';
    const turn = this.#turn;
    try {
      const taken = await this.#record(false);
      this.#free();
      if (turn !== this.#turn) return;
      if (!taken || taken.seconds <= 0) return this.#fail(null, said.nothing);
      this.seconds = taken.seconds;
      const { sha256 } = await this.#backend.call('add_greeting', { base64: taken.base64 });
      if (turn !== this.#turn) return;
      this.sha256 = sha256;
      this.state = 'ready';
    } catch (error) {
      if (turn === this.#turn) this.#fail(error, said.nothing);
    }
  }

  /** Forgets what was recorded, also while it records. */
  async discard(): Promise<void> {
    const recorded = this.state === 'recording';
    this.#begin('idle');
    if (recorded) await this.#letGo();
  }

  /** Nobody sees any more that the microphone is on. */
  readonly #lookAway = (): void => {
    if (!document.hidden) return;
    void this.discard();
    this.problem = said.putAway;
  };

  #unwatch(): void {
    clearInterval(this.#timer);
    document.removeEventListener('visibilitychange', this.#lookAway);
  }

  async #look(): Promise<void> {
    this.seconds = Math.floor((performance.now() - this.#began) / 1_000);
    if (this.seconds >= LONGEST) return this.stop();
    if (this.#asking) return;
    this.#asking = true;
    const level = await this.#backend.player.recordLevel().catch(() => 0);
    this.#asking = false;
    if (this.state !== 'recording') return;
    this.level = Math.min(1, Math.max(0, level));
    this.heard ||= level > SILENCE;
  }

  #begin(state: 'starting' | 'idle'): number {
    this.#unwatch();
    this.state = state;
    this.level = this.seconds = 0;
    this.heard = false;
    this.sha256 = null;
    this.problem = null;
    return ++this.#turn;
  }

  #fail(error: unknown, otherwise: { text: string; hint: string }): void {
    this.#begin('idle');
    this.#free();
    this.problem = isCommandError(error) ? { text: error.message, hint: error.hint } : otherwise;
  }

  async #letGo(): Promise<void> {
    await this.#record(false).catch(() => null);
    this.#free();
  }

  #record(on: boolean): Promise<Recorded | null> {
    const asked = Recorder.#queue.then(() => this.#backend.player.record(on));
    Recorder.#queue = asked.catch(() => null);
    return asked;
  }

  #free(): void {
    // It may have begun anew meanwhile.
    const has = this.state === 'starting' || this.state === 'recording';
    if (Recorder.#at === this && !has) Recorder.#at = null;
  }
}
