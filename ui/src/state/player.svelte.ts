// What the window plays: one voicemail at a time, wherever it is shown. Between two reports of the player
// the position is reckoned, once a frame, and only while something plays.

import { SvelteMap } from 'svelte/reactivity';
import { isCommandError, type Backend } from '../backend/backend';
import type { Voicemail } from '../backend/generated/desk';
import type { Playing } from '../backend/player';
import { words } from '../words/en';
import { lengthOf } from '../words/time';
import type { Told } from '../words/voicemail';

/** Speeds, in percent. */
export const speeds = [100, 125, 150, 200] as const;
/** Milliseconds one step goes back or forward. */
export const STEP = 5_000;
/** What stopped so near the end begins anew. */
const END = 1_000;
/** So much played counts as heard; the office is told at once. */
const HEARD = 3_000;
/** Milliseconds between telling the office, while it plays. */
const OFTEN = 5_000;
/** A position that differs less than this from what is reckoned is neared, not jumped to. */
const NEAR = 300;
/** Milliseconds in which it is neared. */
const NEARING = 500;

/** What the player may use of the page; given by hand in tests. */
export interface Page {
  /** Milliseconds that only grow. */
  now(): number;
  frame(run: () => void): number;
  cancel(frame: number): void;
}

const page: Page = {
  now: () => performance.now(),
  frame: (run) => requestAnimationFrame(run),
  cancel: (frame) => cancelAnimationFrame(frame),
};

/** Why nothing is heard. */
export interface Silence extends Told {
  /** Whether it is the sound device's. */
  device: boolean;
}

/** A voicemail, as far as it is played. */
export type Playable = Pick<Voicemail, 'id' | 'position_ms' | 'length_ms' | 'duration_s'>;

export class Playback {
  /** The voicemail that is loaded, or a sound of ours. */
  what = $state<string | null>(null);
  state = $state<Playing['state'] | 'starting'>('idle');
  /** Milliseconds of the recording. */
  position = $state(0);
  length = $state(0);
  /** In percent. */
  speed = $state<number>(100);
  trouble = $state.raw<Silence | null>(null);

  readonly #backend: Backend;
  readonly #page: Page;
  /** Where listening stopped, or was put, in this window. */
  readonly #left = new SvelteMap<string, number>();
  /** What was asked for and not told of yet. */
  #awaited: string | null = null;
  /** What was played before; reports of it come late. */
  #before: string | null = null;
  /** Where it was at a moment, how fast it goes, and how far what is shown was off then. */
  #base = { position: 0, at: 0, times: 1, off: 0 };
  #frame: number | null = null;
  /** Milliseconds that were heard since it began, or since it was marked as not heard. */
  #played = 0;
  /** What the player counts, and we no longer do: it was heard before it was marked as not heard. */
  #forgotten = 0;
  /** What the office was told last, and when. */
  #told = { position: 0, played: 0, at: 0 };
  /** Speeds that are being kept. */
  #keeping = 0;

  constructor(backend: Backend, how: Page = page) {
    this.#backend = backend;
    this.#page = how;
  }

  /** Follows the player; answers how to stop. */
  follow(): () => void {
    const stop = this.#backend.player.listen((playing) => this.#hear(playing));
    return () => {
      stop();
      this.#rest();
    };
  }

  /** Whether something plays or is about to. */
  get on(): boolean {
    return this.state === 'playing' || this.state === 'starting';
  }

  /** Whether this is loaded. */
  has({ id }: Playable): boolean {
    return this.what === id;
  }

  isOn(voicemail: Playable): boolean {
    return this.has(voicemail) && this.on;
  }

  /** Where listening goes on. */
  positionIn(voicemail: Playable): number {
    return this.has(voicemail) ? this.position : this.#startOf(voicemail);
  }

  lengthIn(voicemail: Playable): number {
    return (this.has(voicemail) && this.length) || lengthOf(voicemail);
  }

  toggle(voicemail: Playable): void {
    if (this.isOn(voicemail)) void this.#ask(this.#backend.player.pause());
    else if (this.has(voicemail) && this.state === 'paused') void this.#ask(this.#backend.player.resume());
    else void this.play(voicemail);
  }

  /** Plays from a moment, or from where listening stopped. */
  async play(voicemail: Playable, at?: number): Promise<void> {
    const { id } = voicemail;
    if (this.has(voicemail) && (this.state === 'playing' || this.state === 'paused') && at !== undefined) {
      this.seek(voicemail, at);
      if (this.state === 'paused') await this.#ask(this.#backend.player.resume());
      return;
    }
    const from = at ?? this.#startOf(voicemail);
    this.#leave();
    this.#before = this.what === id ? null : this.what;
    this.what = id;
    this.state = 'starting';
    this.trouble = null;
    this.length = lengthOf(voicemail);
    this.#awaited = id;
    this.#begin(from);
    const taken = await this.#ask(this.#backend.player.play(id, from, this.speed / 100));
    // It was refused: what played before would go on unseen.
    if (!taken && this.#awaited === id) {
      this.#awaited = null;
      void this.#backend.player.stop().catch(() => undefined);
    }
  }

  /** Goes to a moment; what is not loaded begins there later. */
  seek(voicemail: Playable, to: number): void {
    const at = Math.round(Math.max(0, Math.min(to, this.lengthIn(voicemail) || to)));
    if (!this.has(voicemail)) {
      const { id, position_ms } = voicemail;
      const before = this.#left.get(id) ?? position_ms;
      this.#left.set(id, at);
      if (at !== before) this.#listened(id, at, 0);
      return;
    }
    this.position = at;
    this.#base = { ...this.#base, position: at, at: this.#page.now(), off: 0 };
    // While it plays, the office is told soon anyway.
    if (!this.on) this.#tell();
    if (this.state !== 'trouble') void this.#ask(this.#backend.player.seek(at));
  }

  skip(voicemail: Playable, by: number): void {
    this.seek(voicemail, this.positionIn(voicemail) + by);
  }

  /** Plays no more of a voicemail, as it is gone. */
  async stop(voicemail: Playable): Promise<void> {
    if (!this.has(voicemail)) return;
    this.#leave();
    this.#awaited = null;
    this.#before = this.what;
    this.#becomeIdle();
    await this.#ask(this.#backend.player.stop());
  }

  /** It counts as not heard: what was heard of it, and where it was left, is forgotten. */
  unheard({ id }: Pick<Playable, 'id'>): void {
    this.#left.delete(id);
    if (this.what !== id) return;
    this.#forgotten += this.#played;
    this.#played = 0;
    this.#told = { ...this.#told, position: Math.round(this.position), played: 0 };
  }

  /** Goes faster or slower by one step. */
  step(by: 1 | -1): void {
    const at = speeds.findIndex((speed) => speed === this.speed);
    const next = speeds[at + by];
    if (next !== undefined) void this.choose(next);
  }

  /** Plays at a speed from now on, also next time. */
  async choose(percent: number): Promise<void> {
    this.#goAt(percent);
    this.#keeping += 1;
    const kept = this.#backend.call('apply_settings', { playback: { speed_percent: percent } });
    // What could not be kept holds until the window is closed.
    await kept.catch(() => undefined).finally(() => (this.#keeping -= 1));
  }

  /** The speed the settings know. */
  known(percent: number): void {
    if (this.#keeping === 0 && percent !== this.speed) this.#goAt(percent);
  }

  #goAt(percent: number): void {
    this.speed = percent;
    if (this.what !== null && this.state !== 'idle') {
      void this.#ask(this.#backend.player.speed(percent / 100));
    }
  }

  #startOf(voicemail: Playable): number {
    const { id, position_ms } = voicemail;
    const at = this.has(voicemail) ? this.position : (this.#left.get(id) ?? position_ms);
    const length = lengthOf(voicemail);
    return length > 0 && at >= length - END ? 0 : at;
  }

  #begin(at: number): void {
    this.#rest();
    const now = this.#page.now();
    this.position = at;
    this.#played = this.#forgotten = 0;
    this.#told = { position: at, played: 0, at: now };
    this.#base = { position: at, at: now, times: this.speed / 100, off: 0 };
  }

  /** What is loaded stays where it is: the office is told. */
  #leave(): void {
    if (this.what !== null) this.#left.set(this.what, Math.round(this.position));
    this.#tell();
  }

  #becomeIdle(): void {
    this.#rest();
    this.what = null;
    this.state = 'idle';
    this.trouble = null;
    this.position = this.length = 0;
  }

  /** Waits for what was asked of the player; false: it was refused, and why is shown. */
  async #ask(asked: Promise<unknown>): Promise<boolean> {
    const { what } = this;
    try {
      await asked;
      return true;
    } catch (error) {
      if (what === null || what !== this.what) return false;
      this.#rest();
      const { message, hint } = isCommandError(error) ? error : words.failed;
      this.trouble = { text: message, hint, device: false };
      this.state = 'trouble';
      return false;
    }
  }

  #hear(playing: Playing): void {
    if (playing.state === 'idle') return this.#putAway(playing);
    const what = playing.what ?? this.what;
    if (what === null || (this.#awaited !== null && what !== this.#awaited)) return;
    if (what === this.#before && what !== this.what) return;
    this.#awaited = null;
    if (what !== this.what) {
      this.#leave();
      this.what = what;
      this.#begin(playing.position_ms);
    }
    const went = this.state;
    this.state = playing.state;
    const { trouble } = playing;
    this.trouble = trouble ? { ...words.voicemail.trouble[trouble], device: trouble !== 'unplayable' } : null;
    if (playing.length_ms > 0) this.length = playing.length_ms;
    this.#count(playing);
    this.#take(playing);
    if (playing.state === 'playing') {
      this.#frame ??= this.#page.frame(this.#move);
      const news = this.#played >= HEARD && this.#told.played < HEARD;
      if (news || this.#page.now() - this.#told.at >= OFTEN) this.#tell();
    } else {
      this.#rest();
      if (went === 'playing') this.#tell();
    }
  }

  /** The player names what it put away; what this window put away itself is known already. */
  #putAway(playing: Playing): void {
    const { what, position_ms } = playing;
    if (what === null || what !== this.what || this.#awaited !== null) return;
    this.position = position_ms;
    this.#count(playing);
    this.#leave();
    this.#becomeIdle();
  }

  #count({ played_ms }: Playing): void {
    this.#played = Math.max(0, played_ms - this.#forgotten);
  }

  /** Goes on from what was reported. */
  #take({ position_ms, state, speed }: Playing): void {
    const now = this.#page.now();
    const shown = state === 'playing' && this.#frame !== null ? this.#reckoned(now) : position_ms;
    const off = shown - position_ms;
    this.#base = { position: position_ms, at: now, times: speed, off: Math.abs(off) < NEAR ? off : 0 };
    this.position = this.#reckoned(now);
  }

  #reckoned(now: number): number {
    const { position, at, times, off } = this.#base;
    const gone = now - at;
    const reckoned = position + gone * times + off * Math.max(0, 1 - gone / NEARING);
    return Math.max(0, this.length > 0 ? Math.min(reckoned, this.length) : reckoned);
  }

  readonly #move = (): void => {
    this.position = this.#reckoned(this.#page.now());
    this.#frame = this.#page.frame(this.#move);
  };

  #rest(): void {
    if (this.#frame !== null) this.#page.cancel(this.#frame);
    this.#frame = null;
  }

  /** Tells the office where listening is, where it does not know. */
  #tell(): void {
    const { what } = this;
    const position = Math.round(this.position);
    const isNews = position !== this.#told.position || this.#played !== this.#told.played;
    if (what === null || !isNews) return;
    this.#told = { position, played: this.#played, at: this.#page.now() };
    this.#listened(what, position, this.#played);
  }

  #listened(what: string, position: number, played: number): void {
    if (what.startsWith('greeting:')) return;
    const listened = { voicemail: what, position_ms: position, played_ms: played };
    // Told again soon, or next time.
    void this.#backend.call('listened', listened).catch(() => undefined);
  }
}
