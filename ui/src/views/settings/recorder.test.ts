import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Backend } from '../../backend/backend';
import { LONGEST, Recorder } from './recorder.svelte';

/** A microphone, and what was asked of it. */
function microphone({ level = 0.4, absent = false }: { level?: number; absent?: boolean } = {}) {
  const asked: string[] = [];
  let opened = 0;
  const player = {
    stop: () => Promise.resolve(),
    record: (on: boolean) => {
      asked.push(on ? 'open' : 'close');
      if (on && absent) return Promise.reject(new Error('no_device'));
      if (on) opened = performance.now();
      return Promise.resolve(on ? null : { base64: 'UklGRg', seconds: (performance.now() - opened) / 1_000 });
    },
    recordLevel: () => {
      asked.push('level');
      return Promise.resolve(level);
    },
  };
  const call = (command: string) => {
    asked.push(command);
    return Promise.resolve({ sha256: 'abc', content_type: 'audio/wav', bytes: 6 });
  };
  return { asked, backend: { player, call } as unknown as Backend };
}

describe('a greeting that is recorded', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('is kept once it is stopped, and its level is looked at only meanwhile', async () => {
    const { asked, backend } = microphone();
    const recorder = new Recorder(backend);
    await recorder.start();
    expect([recorder.state, asked]).toEqual(['recording', ['open']]);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(asked.filter((one) => one === 'level').length).toBe(8);
    expect([recorder.level, recorder.heard, recorder.seconds]).toEqual([0.4, true, 1]);
    await recorder.stop();
    expect([recorder.state, recorder.sha256, recorder.seconds]).toEqual(['ready', 'abc', 1]);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(asked.slice(9)).toEqual(['close', 'add_greeting']);
  });

  it('stops by itself after two minutes', async () => {
    const { backend } = microphone();
    const recorder = new Recorder(backend);
    await recorder.start();
    await vi.advanceTimersByTimeAsync(LONGEST * 1_000 - 200);
    expect(recorder.state).toBe('recording');
    await vi.advanceTimersByTimeAsync(400);
    expect([recorder.state, recorder.seconds]).toEqual(['ready', 120]);
  });

  it('says when nothing is heard', async () => {
    const { backend } = microphone({ level: 0 });
    const recorder = new Recorder(backend);
    await recorder.start();
    await vi.advanceTimersByTimeAsync(2_500);
    expect(recorder.isTooQuiet).toBe(false);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(recorder.isTooQuiet).toBe(true);
    await recorder.discard();
  });

  it('is not there without a microphone, and can be tried again', async () => {
    const { asked, backend } = microphone({ absent: true });
    const recorder = new Recorder(backend);
    await recorder.start();
    expect([recorder.state, recorder.problem?.text]).toEqual(['idle', 'No microphone could be used']);
    await recorder.start();
    expect(asked).toEqual(['open', 'open']);
  });

  it('is discarded, also while the microphone is being opened', async () => {
    const { asked, backend } = microphone();
    const recorder = new Recorder(backend);
    const opening = recorder.start();
    await recorder.discard();
    await opening;
    expect([recorder.state, asked]).toEqual(['idle', ['open', 'close']]);
    await recorder.start();
    await recorder.discard();
    await recorder.start();
    expect([recorder.state, asked.slice(2)]).toEqual(['recording', ['open', 'close', 'open']]);
    await recorder.discard();
  });

  it('leaves the microphone to another one that began while it was being opened', async () => {
    const { asked, backend } = microphone();
    const player = { ...backend.player };
    const opened: (() => void)[] = [];
    player.record = (on) => {
      asked.push(on ? 'open' : 'close');
      return new Promise((done) => (on ? opened.push(() => done(null)) : done(null)));
    };
    const slow = { ...backend, player } as Backend;
    const [first, second] = [new Recorder(slow), new Recorder(slow)];
    const one = first.start();
    await vi.advanceTimersByTimeAsync(0);
    const other = second.start();
    await vi.advanceTimersByTimeAsync(0);
    opened[0]?.();
    await vi.advanceTimersByTimeAsync(0);
    opened[1]?.();
    await Promise.all([one, other]);
    expect([first.state, second.state, asked]).toEqual(['idle', 'recording', ['open', 'open']]);
    await second.discard();
    expect(asked.at(-1)).toBe('close');
  });

  it('ends when nobody sees the window any more', async () => {
    const { asked, backend } = microphone();
    const recorder = new Recorder(backend);
    const hidden = vi.spyOn(document, 'hidden', 'get').mockReturnValue(false);
    const turns = () => document.dispatchEvent(new Event('visibilitychange'));
    await recorder.start();
    turns();
    expect(recorder.state).toBe('recording');
    hidden.mockReturnValue(true);
    turns();
    await vi.advanceTimersByTimeAsync(0);
    expect([recorder.state, asked]).toEqual(['idle', ['open', 'close']]);
    expect(recorder.problem).toEqual({
      text: 'Recording ended when the window was put away.',
      hint: 'Record it again.',
    });
    // What is recorded already stays.
    hidden.mockReturnValue(false);
    await recorder.start();
    await vi.advanceTimersByTimeAsync(1_000);
    await recorder.stop();
    hidden.mockReturnValue(true);
    turns();
    expect([recorder.state, recorder.problem]).toEqual(['ready', null]);
    hidden.mockRestore();
  });

  it('gives way to another one: there is one microphone', async () => {
    const { asked, backend } = microphone();
    const [first, second] = [new Recorder(backend), new Recorder(backend)];
    await first.start();
    await second.start();
    expect([first.state, second.state, asked]).toEqual(['idle', 'recording', ['open', 'close', 'open']]);
    await second.discard();
  });
});
