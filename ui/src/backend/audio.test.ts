import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { audioPlayer } from './audio';
import type { Playing } from './player';

/** An audio element that does what a test says. */
class Element extends EventTarget {
  src = '';
  currentTime = 0;
  duration = 42;
  playbackRate = 1;
  defaultPlaybackRate = 1;
  readyState = 1;
  seeking = false;
  ended = false;
  refusal: Error | null = null;
  play(): Promise<void> {
    if (this.refusal) return Promise.reject(this.refusal);
    this.says('playing');
    return Promise.resolve();
  }
  pause(): void {
    this.says('pause');
  }
  removeAttribute(): void {
    this.src = '';
  }
  says(event: string): void {
    this.dispatchEvent(new Event(event));
  }
  plays(seconds: number): void {
    this.currentTime += seconds;
    this.says('timeupdate');
  }
}

const sound = { name: 'Voicemail.wav', content_type: 'audio/wav', base64: btoa('RIFF') };

describe('the player of a browser', () => {
  let held: string[] = [];
  beforeEach(() => {
    held = [];
    let n = 0;
    vi.spyOn(URL, 'createObjectURL').mockImplementation(() => {
      held.push(`blob:${++n}`);
      return `blob:${n}`;
    });
    vi.spyOn(URL, 'revokeObjectURL').mockImplementation((url) => {
      held = held.filter((one) => one !== url);
    });
  });
  afterEach(() => void vi.restoreAllMocks());

  function player(ask = vi.fn(() => Promise.resolve(sound))) {
    const element = new Element();
    const heard: Playing[] = [];
    const audio = audioPlayer(ask, () => element as unknown as HTMLAudioElement);
    audio.listen((playing) => heard.push(playing));
    return { ask, element, audio, last: () => heard.at(-1) as Playing };
  }

  it('plays from a moment at a speed, and counts what was heard', async () => {
    const { audio, element, last } = player();
    await audio.play('helen', 5_000, 1.5);
    expect(last()).toMatchObject({ what: 'helen', state: 'playing', position_ms: 5_000, speed: 1.5 });
    element.plays(2);
    await audio.seek(30_000);
    element.says('seeked');
    element.plays(1);
    expect(last()).toMatchObject({ position_ms: 31_000, played_ms: 3_000, length_ms: 42_000 });
    await audio.pause();
    expect(last().state).toBe('paused');
  });

  it('asks once for what it plays again, and lets go of what it no longer plays', async () => {
    const { audio, ask } = player();
    await audio.play('helen', 0, 1);
    await audio.play('helen', 9_000, 1);
    expect([ask.mock.calls.length, held]).toEqual([1, ['blob:1']]);
    await audio.play('marcus', 0, 1);
    expect(held).toEqual(['blob:2']);
    await audio.stop();
    expect(held).toEqual([]);
  });

  it('plays what was asked for last, however late the rest comes', async () => {
    const late: (() => void)[] = [];
    const ask = vi.fn(() => new Promise<typeof sound>((done) => late.push(() => done(sound))));
    const { audio, last } = player(ask);
    const first = audio.play('helen', 0, 1);
    const second = audio.play('marcus', 0, 1);
    late[1]?.();
    await second;
    late[0]?.();
    await first;
    expect([last().what, last().state, held.length]).toEqual(['marcus', 'playing', 1]);
  });

  it('rests where it is paused before its sound is here, and goes on there', async () => {
    const late: (() => void)[] = [];
    const ask = vi.fn(() => new Promise<typeof sound>((done) => late.push(() => done(sound))));
    const { audio, element, last } = player(ask);
    const first = audio.play('helen', 5_000, 1);
    await audio.pause();
    expect(last()).toMatchObject({ what: 'helen', state: 'paused', position_ms: 5_000, played_ms: 0 });
    late[0]?.();
    await first;
    expect([last().state, element.src, held]).toEqual(['paused', '', []]);
    await audio.seek(9_000);
    const again = audio.resume();
    late[1]?.();
    await again;
    expect(last()).toMatchObject({ what: 'helen', state: 'playing', position_ms: 9_000 });
  });

  it('rests where it is paused before its sound is known', async () => {
    const { audio, element, last } = player();
    element.readyState = 0;
    const first = audio.play('helen', 5_000, 1);
    await vi.waitFor(() => expect(held).toEqual(['blob:1']));
    await audio.pause();
    element.says('loadedmetadata');
    await first;
    expect(last()).toMatchObject({ state: 'paused', position_ms: 5_000 });
    element.readyState = 1;
    await audio.resume();
    expect(last()).toMatchObject({ state: 'playing', position_ms: 5_000 });
  });

  it('begins where and as fast as was asked for while it was fetched', async () => {
    let done: () => void = () => undefined;
    const ask = vi.fn(() => new Promise<typeof sound>((give) => (done = () => give(sound))));
    const { audio, element, last } = player(ask);
    const playing = audio.play('helen', 5_000, 1);
    await audio.seek(20_000);
    await audio.speed(2);
    done();
    await playing;
    expect(last()).toMatchObject({ state: 'playing', position_ms: 20_000, speed: 2 });
    expect([element.currentTime, element.playbackRate]).toEqual([20, 2]);
  });

  it('says nothing of a sound that could not be had once nobody waits for it', async () => {
    let fail: () => void = () => undefined;
    const ask = vi.fn(() => new Promise<typeof sound>((_, no) => (fail = () => no(new Error('gone')))));
    const { audio, last } = player(ask);
    const playing = audio.play('helen', 0, 1);
    await audio.pause();
    fail();
    await playing;
    expect(last().state).toBe('paused');
  });

  it('says what it cannot play, and asks for a press where the browser wants one', async () => {
    const { audio, element, last } = player();
    element.refusal = new DOMException('', 'NotAllowedError');
    await expect(audio.play('helen', 0, 1)).rejects.toMatchObject({ code: 'unavailable' });
    expect(last().state).toBe('paused');
    element.refusal = null;
    await audio.resume();
    expect(last().state).toBe('playing');
    element.says('error');
    expect([last().trouble, held]).toEqual(['unplayable', []]);
    await expect(audio.play('greeting:abc', 0, 1)).rejects.toMatchObject({
      message: expect.stringContaining('own window'),
    });
  });

  it('hands a copy to the browser', async () => {
    vi.useFakeTimers();
    const clicked = vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(() => undefined);
    const { audio } = player();
    expect(await audio.saveCopy('helen')).toBeNull();
    expect((clicked.mock.contexts[0] as HTMLAnchorElement).download).toBe('Voicemail.wav');
    vi.runAllTimers();
    vi.useRealTimers();
    expect(held).toEqual([]);
  });
});
