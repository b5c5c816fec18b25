// The player where the page is in a browser: it plays by itself what the office hands it.

import { browser } from '../words/browser';
import type { CommandError, VoicemailSound } from './generated/desk';
import type { Player, Playing, Trouble } from './player';

/** Milliseconds until a file that was handed to the browser is let go. */
const HANDED_OVER = 30_000;

const refused = (said: { message: string; hint: string }): Error => {
  const error: CommandError = { code: 'unavailable', ...said };
  return error as unknown as Error;
};

/** Where a sound is for the page; to be revoked when it is gone. */
function addressOf({ base64, content_type }: { base64: string; content_type: string }): string {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  return URL.createObjectURL(new Blob([bytes], { type: content_type }));
}

/** Has the browser save a file. */
export function handOver({ name, base64 }: { name: string; base64: string }): void {
  const link = document.createElement('a');
  // It is only ever saved, whatever it is.
  link.href = addressOf({ base64, content_type: 'application/octet-stream' });
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), HANDED_OVER);
}

/** Plays what `ask` answers for a voicemail. */
export function audioPlayer(
  ask: (voicemail: string) => Promise<VoicemailSound>,
  make: () => HTMLAudioElement = () => new Audio(),
): Player {
  const takers = new Set<(playing: Playing) => void>();
  let element: HTMLAudioElement | null = null;
  /** The address of what is loaded. */
  let loaded: string | null = null;
  let what: string | null = null;
  let state: Playing['state'] = 'idle';
  let trouble: Trouble | null = null;
  /** Seconds at which it begins, until it does. */
  let place: number | null = null;
  let times = 1;
  /** Whether it was asked to play and does not yet. */
  let starting = false;
  let played = 0;
  /** Seconds up to which what was heard is counted. */
  let counted = 0;
  /** Counts what was asked for: an older answer is dropped. */
  let turn = 0;

  function now(): Playing {
    const length = element?.duration ?? 0;
    return {
      what,
      state,
      position_ms: Math.round((place ?? element?.currentTime ?? 0) * 1_000),
      length_ms: Number.isFinite(length) ? Math.round(length * 1_000) : 0,
      speed: times,
      played_ms: Math.round(played * 1_000),
      trouble,
    };
  }
  const report = () => takers.forEach((take) => take(now()));
  function becomes(next: Playing['state'], why: Trouble | null = null): void {
    state = next;
    trouble = why;
    starting = false;
    report();
  }

  function count(audio: HTMLAudioElement): void {
    const at = audio.currentTime;
    if (state === 'playing' && !audio.seeking && at > counted) played += at - counted;
    counted = at;
  }

  function player(): HTMLAudioElement {
    if (element) return element;
    const audio = make();
    audio.preservesPitch = true;
    const on = (event: string, act: () => void) =>
      audio.addEventListener(event, () => {
        if (loaded !== null) act();
      });
    on('playing', () => becomes('playing'));
    on('pause', () => {
      count(audio);
      if (!audio.ended && state === 'playing') becomes('paused');
    });
    on('ended', () => {
      count(audio);
      becomes('ended');
    });
    on('timeupdate', () => {
      count(audio);
      if (state === 'playing') report();
    });
    on('seeked', () => {
      counted = audio.currentTime;
      if (state === 'ended' && !audio.ended) state = 'paused';
      report();
    });
    on('ratechange', report);
    on('error', () => {
      release();
      becomes('trouble', 'unplayable');
    });
    element = audio;
    return audio;
  }

  function release(): void {
    if (loaded !== null) URL.revokeObjectURL(loaded);
    loaded = null;
    element?.pause();
    element?.removeAttribute('src');
  }

  /** Waits until the sound is known well enough to jump into it; false where it cannot be played. */
  async function ready(audio: HTMLAudioElement): Promise<boolean> {
    if (audio.readyState > 0) return true;
    return new Promise((done) => {
      audio.addEventListener('loadedmetadata', () => done(true), { once: true });
      audio.addEventListener('error', () => done(false), { once: true });
    });
  }

  async function begin(audio: HTMLAudioElement): Promise<void> {
    try {
      await audio.play();
    } catch (error) {
      const name = error instanceof DOMException ? error.name : '';
      // Something else was asked for meanwhile.
      if (name === 'AbortError') return;
      if (name !== 'NotAllowedError') return becomes('trouble', 'unplayable');
      becomes('paused');
      throw refused(browser.asks);
    }
  }

  /** Fetches the sound where it is not here, and begins where and as fast as was asked for last. */
  async function start(id: string): Promise<void> {
    const mine = ++turn;
    const isOld = () => mine !== turn;
    const audio = player();
    starting = true;
    if (loaded === null) {
      const sound = await ask(id).catch((error: unknown) => {
        if (isOld()) return null;
        throw error;
      });
      if (sound === null || isOld()) return;
      loaded = addressOf(sound);
      audio.src = loaded;
    }
    if (!(await ready(audio)) || isOld()) return;
    audio.defaultPlaybackRate = audio.playbackRate = times;
    if (place !== null) audio.currentTime = counted = place;
    place = null;
    await begin(audio);
  }

  return {
    listen(take) {
      takers.add(take);
      take(now());
      return () => void takers.delete(take);
    },
    async play(id, atMs, speed) {
      if (id.startsWith('greeting:')) throw refused(browser.noGreeting);
      if (id !== what || loaded === null) {
        release();
        what = id;
        state = 'idle';
      }
      place = atMs / 1_000;
      times = speed;
      played = 0;
      await start(id);
    },
    pause: () => {
      if (starting) {
        turn += 1;
        becomes('paused');
      }
      return Promise.resolve(element?.pause());
    },
    resume: async () => {
      if (what !== null && place !== null) await start(what);
      else if (element && loaded !== null) await begin(element);
    },
    seek: (ms) => {
      if (place !== null) {
        place = ms / 1_000;
        if (state === 'paused') report();
      } else if (element) {
        count(element);
        element.currentTime = counted = ms / 1_000;
      }
      return Promise.resolve();
    },
    speed: (next) => {
      times = next;
      if (element) element.defaultPlaybackRate = element.playbackRate = times;
      if (loaded === null && state === 'paused') report();
      return Promise.resolve();
    },
    stop: () => {
      turn += 1;
      release();
      what = place = null;
      becomes('idle');
      return Promise.resolve();
    },
    // A browser plays where the computer plays.
    outputs: () => Promise.resolve([]),
    async saveCopy(voicemail) {
      handOver(await ask(voicemail));
      return null;
    },
    record: () => Promise.reject(refused(browser.noMicrophone)),
    recordLevel: () => Promise.resolve(0),
    mailPassword: () => Promise.reject(refused(browser.noSafe)),
    mailPasswordKnown: () => Promise.resolve(false),
  };
}
