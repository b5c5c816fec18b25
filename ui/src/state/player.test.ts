import { describe, expect, it, vi } from 'vitest';
import type { Backend, Command } from '../backend/backend';
import type { Voicemail } from '../backend/generated/desk';
import type { Playing } from '../backend/player';
import { Office } from './office.svelte';
import { Playback } from './player.svelte';

const helen = { id: 'helen', position_ms: 0, length_ms: 42_000, duration_s: 42 };
const marcus = { id: 'marcus', position_ms: 12_000, length_ms: null, duration_s: 34 };

/** A player of which a test says what it does, and a page whose time it moves. */
function desk() {
  const asked: string[] = [];
  const told: unknown[] = [];
  const kept: unknown[] = [];
  let take: (playing: Playing) => void = () => undefined;
  let refusal: unknown = null;
  const act =
    (name: string) =>
    (...what: unknown[]) => {
      asked.push([name, ...what].join(' '));
      return refusal === null ? Promise.resolve() : Promise.reject(refusal as Error);
    };
  const playing: Playing = {
    what: null,
    state: 'idle',
    position_ms: 0,
    length_ms: 0,
    speed: 1,
    played_ms: 0,
    trouble: null,
  };
  const backend = {
    player: {
      listen(heard: (playing: Playing) => void) {
        take = heard;
        take(playing);
        return () => (take = () => undefined);
      },
      play: act('play'),
      pause: act('pause'),
      resume: act('resume'),
      seek: act('seek'),
      speed: act('speed'),
      stop: act('stop'),
    },
    call(command: Command, request: unknown) {
      if (command === 'listened') told.push(request);
      else kept.push(request);
      return Promise.resolve({});
    },
  } as unknown as Backend;
  let time = 1_000;
  let frames: (() => void)[] = [];
  const playback = new Playback(backend, {
    now: () => time,
    frame: (run) => frames.push(run),
    cancel: () => (frames = []),
  });
  playback.follow();
  return {
    backend,
    asked,
    told,
    kept,
    playback,
    refuse: (error: unknown) => (refusal = error),
    /** The player says so. */
    says(what: string | null, state: Playing['state'], at: number, more: Partial<Playing> = {}) {
      take({ ...playing, what, state, position_ms: at, played_ms: at, length_ms: 42_000, ...more });
    },
    /** Time goes by, and a frame is drawn. */
    passes(ms: number) {
      time += ms;
      const due = frames;
      frames = [];
      for (const run of due) run();
    },
    isDrawn: () => frames.length > 0,
  };
}

const refused = { code: 'not_found', message: 'It is gone.', hint: 'Refresh.' };

describe('the position', () => {
  it('goes on between reports, and only while it plays', async () => {
    const { playback, says, passes, isDrawn } = desk();
    await playback.play(helen);
    expect([playback.state, isDrawn()]).toEqual(['starting', false]);
    says('helen', 'playing', 0);
    passes(100);
    expect([playback.position, isDrawn()]).toEqual([100, true]);
    says('helen', 'paused', 110);
    expect([playback.position, isDrawn()]).toEqual([110, false]);
    passes(1_000);
    expect(playback.position).toBe(110);
  });

  it('goes as fast as it plays, and never beyond the end', async () => {
    const { playback, says, passes } = desk();
    await playback.play(helen);
    says('helen', 'playing', 10_000, { speed: 2 });
    passes(100);
    expect(playback.position).toBe(10_200);
    passes(60_000);
    expect(playback.position).toBe(42_000);
  });

  it('nears a report that is a little off, and jumps to one that is far off', async () => {
    const { playback, says, passes } = desk();
    await playback.play(helen);
    says('helen', 'playing', 0);
    passes(250);
    says('helen', 'playing', 150);
    expect(playback.position).toBe(250);
    passes(250);
    expect(playback.position).toBe(450);
    passes(250);
    expect(playback.position).toBe(650);
    says('helen', 'playing', 20_000);
    expect(playback.position).toBe(20_000);
  });
});

describe('playing', () => {
  it('begins where listening stopped, and anew where that was the end', async () => {
    const { playback, asked } = desk();
    await playback.play(marcus);
    await playback.play({ ...helen, position_ms: 41_200 });
    await playback.play({ ...helen, id: 'other', position_ms: 40_900 });
    expect(asked).toEqual(['play marcus 12000 1', 'play helen 0 1', 'play other 40900 1']);
  });

  it('pauses, goes on, and begins anew after the end', async () => {
    const { playback, says, asked } = desk();
    playback.toggle(helen);
    says('helen', 'playing', 0);
    playback.toggle(helen);
    says('helen', 'paused', 900);
    playback.toggle(helen);
    says('helen', 'ended', 42_000);
    playback.toggle(helen);
    expect(asked).toEqual(['play helen 0 1', 'pause', 'resume', 'play helen 0 1']);
    await Promise.resolve();
  });

  it('remembers where each was left', async () => {
    const { playback, says, asked } = desk();
    await playback.play(helen);
    says('helen', 'playing', 8_000);
    await playback.play(marcus);
    expect(playback.positionIn(helen)).toBe(8_000);
    says('marcus', 'playing', 12_000);
    await playback.play(helen);
    expect(asked.at(-1)).toBe('play helen 8000 1');
  });

  it('is moved in steps, within the message, also before it plays', async () => {
    const { playback, says, asked } = desk();
    playback.skip(marcus, -20_000);
    expect(playback.positionIn(marcus)).toBe(0);
    playback.skip(marcus, 5_000);
    expect(asked).toEqual([]);
    await playback.play(marcus);
    says('marcus', 'playing', 5_000, { length_ms: 34_000 });
    playback.skip(marcus, 60_000);
    expect(asked).toEqual(['play marcus 5000 1', 'seek 34000']);
  });

  it('goes to a word without beginning anew', async () => {
    const { playback, says, asked } = desk();
    await playback.play(helen, 3_000);
    says('helen', 'paused', 3_500);
    await playback.play(helen, 9_000);
    expect(asked).toEqual(['play helen 3000 1', 'seek 9000', 'resume']);
  });

  it('does not listen to what was played before', async () => {
    const { playback, says } = desk();
    await playback.play(helen);
    says('helen', 'playing', 100);
    await playback.play(marcus);
    says('helen', 'playing', 200);
    expect([playback.what, playback.state]).toEqual(['marcus', 'starting']);
    // The player names what it puts away.
    says('helen', 'idle', 300);
    expect([playback.what, playback.state]).toEqual(['marcus', 'starting']);
    await playback.stop(marcus);
    says('marcus', 'playing', 12_000);
    says('marcus', 'idle', 12_000);
    expect([playback.what, playback.state]).toEqual([null, 'idle']);
  });

  it('makes room for what somebody else plays', async () => {
    const { playback, says, told } = desk();
    await playback.play(helen);
    says('helen', 'playing', 0);
    says('helen', 'idle', 2_000);
    expect([playback.what, playback.positionIn(helen)]).toEqual([null, 2_000]);
    expect(told).toEqual([{ voicemail: 'helen', position_ms: 2_000, played_ms: 2_000 }]);
    says('greeting:abc', 'playing', 0);
    expect([playback.what, playback.on]).toEqual(['greeting:abc', true]);
    says('greeting:abc', 'idle', 900);
    expect([playback.what, playback.on]).toEqual([null, false]);
  });

  it('goes back from its end', async () => {
    const { playback, says, asked } = desk();
    await playback.play(helen);
    says('helen', 'ended', 42_000);
    playback.skip(helen, -5_000);
    says('helen', 'paused', 37_000);
    playback.toggle(helen);
    expect(asked).toEqual(['play helen 0 1', 'seek 37000', 'resume']);
    await Promise.resolve();
  });

  it('keeps its speed', async () => {
    const { playback, says, asked, kept } = desk();
    playback.known(125);
    await playback.play(helen);
    says('helen', 'playing', 0, { speed: 1.25 });
    playback.step(1);
    // What was kept before does not come back meanwhile.
    playback.known(125);
    expect(playback.speed).toBe(150);
    playback.step(1);
    playback.step(1);
    expect([playback.speed, asked]).toEqual([200, ['play helen 0 1.25', 'speed 1.5', 'speed 2']]);
    expect(kept).toEqual([{ playback: { speed_percent: 150 } }, { playback: { speed_percent: 200 } }]);
  });

  it('goes at the speed the settings got elsewhere, also what plays', async () => {
    const { playback, says, asked } = desk();
    playback.known(125);
    await playback.play(helen);
    says('helen', 'playing', 0, { speed: 1.25 });
    playback.known(125);
    playback.known(200);
    expect([playback.speed, asked]).toEqual([200, ['play helen 0 1.25', 'speed 2']]);
  });
});

describe('what the office is told', () => {
  const listened = (position: number, played = position, voicemail = 'helen') => ({
    voicemail,
    position_ms: position,
    played_ms: played,
  });

  it('is that three seconds were heard, then every five', async () => {
    const { playback, says, passes, told } = desk();
    await playback.play(helen);
    for (let at = 0; at <= 13_500; at += 250) {
      says('helen', 'playing', at);
      passes(250);
    }
    expect(told).toEqual([listened(3_000), listened(8_000), listened(13_000)]);
  });

  it('is where it was paused, ended or left, once', async () => {
    const { playback, says, told } = desk();
    await playback.play(helen);
    says('helen', 'playing', 0);
    says('helen', 'paused', 1_200);
    says('helen', 'paused', 1_200);
    expect(told).toEqual([listened(1_200)]);
    says('helen', 'playing', 1_200);
    says('helen', 'ended', 42_000, { played_ms: 2_500 });
    says('helen', 'playing', 41_000, { played_ms: 2_600 });
    await playback.play(marcus);
    expect(told.slice(1)).toEqual([listened(42_000, 2_500), listened(41_000, 2_600)]);
    says('marcus', 'playing', 12_500, { played_ms: 500 });
    await playback.stop(marcus);
    expect(told.at(-1)).toEqual(listened(12_500, 500, 'marcus'));
  });

  it('is where it was put while it rests, once, also of what is not loaded', async () => {
    const { playback, says, told } = desk();
    await playback.play(helen);
    says('helen', 'playing', 0);
    says('helen', 'paused', 1_200);
    playback.seek(helen, 20_000);
    playback.seek(helen, 20_000);
    says('helen', 'paused', 20_000, { played_ms: 1_200 });
    expect(told).toEqual([listened(1_200), listened(20_000, 1_200)]);
    says('helen', 'ended', 42_000, { played_ms: 1_200 });
    playback.seek(helen, 5_000);
    expect(told.slice(2)).toEqual([listened(5_000, 1_200)]);
    playback.seek(marcus, 12_000);
    playback.seek(marcus, 15_000);
    playback.seek(marcus, 15_000);
    expect(told.slice(3)).toEqual([listened(15_000, 0, 'marcus')]);
  });

  it('does not count what was heard before it was marked as not heard', async () => {
    const { playback, says, passes, told } = desk();
    await playback.play(helen);
    says('helen', 'playing', 4_000);
    playback.unheard(helen);
    told.length = 0;
    passes(5_000);
    says('helen', 'playing', 5_000);
    says('helen', 'paused', 6_000);
    expect(told).toEqual([listened(5_000, 1_000), listened(6_000, 2_000)]);
    // It begins anew, and so does what is counted.
    says('helen', 'ended', 42_000, { played_ms: 6_000 });
    await playback.play(helen);
    says('helen', 'playing', 3_000);
    expect(told.at(-1)).toEqual(listened(3_000));
  });

  it('forgets it before the office is asked to mark it', async () => {
    const { backend, playback, says, told, kept } = desk();
    await playback.play(helen);
    says('helen', 'playing', 8_000);
    const office = new Office(backend, false);
    const unheard = vi.spyOn(office.player, 'unheard').mockImplementation((one) => playback.unheard(one));
    await office.setHeard(helen as Voicemail, true);
    expect(unheard).not.toHaveBeenCalled();
    const marking = office.setHeard(helen as Voicemail, false);
    says('helen', 'paused', 8_500);
    await marking;
    expect(told).toEqual([listened(8_000), listened(8_500, 500)]);
    expect(kept.at(-1)).toEqual({ voicemail: 'helen', heard: false });
  });

  it('forgets where it was left once it is marked as not heard', async () => {
    const { playback, says, asked } = desk();
    await playback.play(helen);
    says('helen', 'playing', 8_000);
    await playback.play(marcus);
    playback.unheard(helen);
    expect(playback.positionIn(helen)).toBe(0);
    await playback.play(helen);
    expect(asked.at(-1)).toBe('play helen 0 1');
  });

  it('is nothing of a message that was not played, or of a greeting', async () => {
    const { playback, says, told } = desk();
    await playback.play(helen);
    says('helen', 'trouble', 0, { trouble: 'no_device' });
    await playback.stop(helen);
    says('helen', 'idle', 0);
    says('greeting:abc', 'playing', 5_000);
    says('greeting:abc', 'ended', 9_000);
    expect(told).toEqual([]);
  });
});

describe('trouble', () => {
  it('is told with a way out, and it can be tried again where it stopped', async () => {
    const { playback, says, asked } = desk();
    await playback.play(helen);
    says('helen', 'playing', 7_000);
    says('helen', 'trouble', 7_000, { trouble: 'device_lost' });
    expect(playback.trouble).toMatchObject({ text: expect.stringContaining('went away'), device: true });
    playback.toggle(helen);
    expect([playback.trouble, asked.at(-1)]).toEqual([null, 'play helen 7000 1']);
    await Promise.resolve();
  });

  it('is told of what is not loaded for want of a device', async () => {
    const { playback, says } = desk();
    await playback.play(helen);
    says(null, 'trouble', 0, { trouble: 'no_device' });
    expect([playback.what, playback.state]).toEqual(['helen', 'trouble']);
    expect(playback.trouble?.hint).toContain('saving a copy');
  });

  it('is what the office refuses, in its own words', async () => {
    const { playback, refuse } = desk();
    refuse(refused);
    await playback.play(helen);
    expect([playback.state, playback.trouble]).toEqual([
      'trouble',
      { text: 'It is gone.', hint: 'Refresh.', device: false },
    ]);
  });

  it('of one message silences the one before, which does not come back', async () => {
    const { playback, refuse, says, asked } = desk();
    await playback.play(marcus);
    says('marcus', 'playing', 12_000);
    refuse(refused);
    await playback.play(helen);
    says('marcus', 'playing', 12_250);
    says('marcus', 'idle', 12_300);
    expect([playback.what, playback.state, asked.at(-1)]).toEqual(['helen', 'trouble', 'stop']);
    refuse(null);
    await playback.play(marcus);
    says('marcus', 'playing', 12_300);
    expect([playback.what, playback.state]).toEqual(['marcus', 'playing']);
  });

  it('of one message does not stay for another', async () => {
    const { playback, refuse } = desk();
    refuse(refused);
    const first = playback.play(helen);
    refuse(null);
    await playback.play(marcus);
    await first;
    await vi.waitFor(() => expect([playback.what, playback.trouble]).toEqual(['marcus', null]));
  });
});
