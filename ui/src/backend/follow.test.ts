import { cleanup, fireEvent, render, screen } from '@testing-library/svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import Start from '../Start.svelte';
import { Office } from '../state/office.svelte';
import { words } from '../words/en';
import { token as said } from '../words/welcome';
import type { Change } from './generated/desk';
import { http } from './http';

const RIGHT = 'the-right-one';
const kept = () => localStorage.getItem('ringdesk-token');
const keep = (token: string) => localStorage.setItem('ringdesk-token', token);

const change = (seq: number): Change => ({ seq, kind: 'text_changed', conversation: 'a', at: seq });
const line = (seq: number) => `id: ${seq}\nevent: change\ndata: ${JSON.stringify(change(seq))}\n\n`;

/** More than any test asks for: who does not wait between two questions would otherwise never stop. */
const MANY = 40;

/** The office this page comes from, and what it is asked for. */
function office() {
  let stream: ReadableStreamDefaultController<Uint8Array> | null = null;
  const desk = {
    asked: [] as string[],
    token: RIGHT,
    /** The number of its last Change. */
    latest: 7,
    down: false,
    /** What it answers every command with, where it does not do it. */
    refusal: null as { status: number; body: string } | null,
    /** What is on the way of the stream that is followed, as it is cut. */
    sends: (text: string) => stream?.enqueue(new TextEncoder().encode(text)),
    tells: (...seqs: number[]) => desk.sends(seqs.map(line).join('')),
    /** Ends the stream: the office stops. */
    ends: () => stream?.close(),
    /** The stream tears: this computer slept. */
    tears: () => stream?.error(new TypeError('network error')),
  };
  const json = (value: unknown, status = 200) => new Response(JSON.stringify(value), { status });
  const changes = () =>
    new Response(new ReadableStream<Uint8Array>({ start: (begun) => void (stream = begun) }));
  const answers: Record<string, () => Response> = {
    '': () => json({ commands: [], types: '' }),
    conversations: () => json({ seq: desk.latest, conversations: [], total: 0 }),
    settings: () => json({ playback: {} }),
  };
  vi.stubGlobal('fetch', (path: string, { headers, body }: { headers: HeadersInit; body?: string }) => {
    const what = path.replace(/^\/api\/?/, '');
    desk.asked.push([what, body].filter(Boolean).join(' '));
    if (desk.asked.length > MANY) return new Promise(() => undefined);
    if (desk.down) return Promise.reject(new TypeError('Failed to fetch'));
    if (new Headers(headers).get('Authorization') !== `Bearer ${desk.token}`) {
      const unauthorized = { code: 'unauthorized', message: 'The token is missing or wrong.', hint: '' };
      return Promise.resolve(json(unauthorized, 401));
    }
    if (what.startsWith('changes')) return Promise.resolve(changes());
    if (desk.refusal) return Promise.resolve(new Response(desk.refusal.body, desk.refusal));
    return Promise.resolve(answers[what]?.() ?? json({}));
  });
  return desk;
}

/** What is on its way arrives; no time passes. */
const settled = () => vi.advanceTimersByTimeAsync(0);
/** Time passes until whoever waits goes on. */
const later = async () => {
  await vi.advanceTimersToNextTimerAsync();
  await settled();
};

/** A page that follows the office after its Change 7, and the numbers it is told. */
async function following() {
  const desk = office();
  const told: number[][] = [];
  await http().subscribe(7, (changes) => told.push(changes.map(({ seq }) => seq)));
  await settled();
  return { desk, told };
}

const LATEST = 'conversations {"limit":1}';

let reload = vi.fn();
beforeEach(() => {
  vi.useFakeTimers();
  keep(RIGHT);
  reload = vi.spyOn(location, 'reload').mockImplementation(() => undefined);
});
afterEach(() => {
  cleanup();
  localStorage.clear();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe('the token', () => {
  it('is kept only where it is the right one', async () => {
    const desk = office();
    localStorage.clear();
    const backend = http();
    expect((await backend.about()).stage).toBe('token');
    expect(desk.asked).toEqual([]);
    expect(await backend.admit?.('a-wrong-one')).toBe(false);
    expect([kept(), (await backend.about()).stage]).toEqual([null, 'token']);
    expect(await backend.admit?.(RIGHT)).toBe(true);
    expect([kept(), (await backend.about()).stage]).toEqual([RIGHT, 'open']);
    // Whoever mistypes it is asked on where they are.
    expect(reload).not.toHaveBeenCalled();
  });

  it('is not tried where it cannot be one', async () => {
    const desk = office();
    const backend = http();
    for (const token of ['', 'the right one', 'thé-right-one'])
      expect(await backend.admit?.(token)).toBe(false);
    expect(desk.asked).toEqual([]);
  });

  it('is asked for again once it is another, whatever was asked of the office', async () => {
    const desk = office();
    desk.token = 'another';
    const backend = http();
    for (const ask of [() => backend.call('lines', {}), () => backend.picture('a')]) {
      keep(RIGHT);
      reload.mockClear();
      await expect(ask()).rejects.toMatchObject({ code: 'unauthorized' });
      expect(kept()).toBeNull();
      expect(reload).toHaveBeenCalledOnce();
    }
    expect((await backend.about()).stage).toBe('token');
  });

  it('is asked for again where the office is to be followed with another', async () => {
    keep('an-older-one');
    const { desk, told } = await following();
    expect([kept(), reload.mock.calls.length]).toEqual([null, 1]);
    expect([desk.asked, told]).toEqual([['changes?after=7'], []]);
  });

  it('is asked for again where it changed while the office was followed', async () => {
    const { desk, told } = await following();
    desk.token = 'another';
    desk.ends();
    await settled();
    expect([kept(), reload.mock.calls.length]).toEqual([RIGHT, 0]);
    await later();
    expect([kept(), reload.mock.calls.length, told]).toEqual([null, 1, []]);
  });

  it('stays where the office refuses something else', async () => {
    const desk = office();
    const told = { code: 'store', message: 'The disk is full.', hint: 'Make room.' };
    desk.refusal = { status: 503, body: JSON.stringify(told) };
    await expect(http().call('lines', {})).rejects.toEqual(told);
    // What is no answer of its own is said in ours.
    desk.refusal = { status: 502, body: '<h1>Bad Gateway</h1>' };
    await expect(http().call('lines', {})).rejects.toEqual({ code: 'unknown', ...words.failed });
    expect([kept(), reload.mock.calls.length]).toEqual([RIGHT, 0]);
  });

  it('is the question of a page whose token is no longer right, as soon as the office answers', async () => {
    vi.useRealTimers();
    const desk = office();
    desk.down = true;
    desk.token = 'another';
    render(Start, { backend: http() });
    expect(await screen.findByText(words.away.message)).toBeTruthy();
    desk.down = false;
    await fireEvent.click(screen.getByRole('button', { name: words.tryNow }));
    expect(await screen.findByRole('heading', { name: said.title })).toBeTruthy();
  });
});

describe('following the office', () => {
  it('tells of Changes as they come, and of nothing else at first', async () => {
    const { desk, told } = await following();
    desk.tells(8, 9);
    await settled();
    expect(told).toEqual([[8, 9]]);
    // The line that says it is still there, and a Change that comes in two pieces.
    desk.sends(':\n\n');
    const [half, rest] = [line(10).slice(0, 40), line(10).slice(40)];
    desk.sends(half);
    await settled();
    expect(told).toEqual([[8, 9]]);
    desk.sends(rest);
    await settled();
    expect([told, desk.asked]).toEqual([[[8, 9], [10]], ['changes?after=7']]);
  });

  it('goes on after the last Change it was told, however far the office is', async () => {
    const { desk, told } = await following();
    desk.tells(8);
    desk.tells(9, 10);
    await settled();
    desk.latest = 12;
    desk.ends();
    await settled();
    // It is given time to start again.
    expect(desk.asked).toEqual(['changes?after=7']);
    await later();
    expect(desk.asked.slice(1)).toEqual([LATEST, 'changes?after=10']);
    desk.tells(11, 12);
    await settled();
    expect(told.flat()).toEqual([8, 9, 10, 11, 12]);
  });

  it('asks how far the office is each time it comes back, and says that anything may be another', async () => {
    const { desk, told } = await following();
    desk.tells(8);
    await settled();
    desk.latest = 8;
    for (const stops of [desk.ends, desk.tears, desk.ends]) {
      told.length = desk.asked.length = 0;
      stops();
      await later();
      expect(desk.asked).toEqual([LATEST, 'changes?after=8']);
      expect(told).toEqual([[]]);
    }
    desk.tells(9);
    await settled();
    expect(told).toEqual([[], [9]]);
  });

  it('starts from where an office is that came back with older data', async () => {
    const { desk, told } = await following();
    desk.tells(8, 9);
    await settled();
    desk.latest = 3;
    desk.ends();
    await later();
    expect(desk.asked.slice(1)).toEqual([LATEST, 'changes?after=3']);
    desk.tells(4);
    await settled();
    expect(told).toEqual([[8, 9], [], [4]]);
    // Its numbers are the ones that count from now on.
    desk.latest = 6;
    desk.ends();
    await later();
    expect(desk.asked.slice(-2)).toEqual([LATEST, 'changes?after=4']);
  });
});

describe('an office that is down', () => {
  const away = { code: 'away', ...words.away };

  it('is said to be away, whatever it is asked for', async () => {
    const desk = office();
    desk.down = true;
    const backend = http();
    await expect(backend.call('lines', {})).rejects.toEqual(away);
    await expect(backend.picture('a')).rejects.toEqual(away);
    // That it is down says nothing of the token.
    await expect(backend.about()).rejects.toThrow();
    await expect(backend.admit?.(RIGHT)).rejects.toThrow();
    expect([kept(), reload.mock.calls.length]).toEqual([RIGHT, 0]);
  });

  it('is asked again until it answers, once at a time, and tells nothing before', async () => {
    const { desk, told } = await following();
    desk.tells(8);
    await settled();
    desk.down = true;
    desk.ends();
    await settled();
    desk.asked.length = 0;
    for (let n = 1; n <= 3; n++) {
      await later();
      expect([desk.asked, told]).toEqual([Array(n).fill(LATEST), [[8]]]);
    }
    desk.down = false;
    desk.latest = 9;
    await later();
    expect(desk.asked.slice(3)).toEqual([LATEST, 'changes?after=8']);
    desk.tells(9);
    await settled();
    expect(told).toEqual([[8], [], [9]]);
  });

  it('is followed once it is there, where it was down from the start', async () => {
    const desk = office();
    desk.down = true;
    const told: number[][] = [];
    await http().subscribe(7, (changes) => told.push(changes.map(({ seq }) => seq)));
    await settled();
    expect([desk.asked, told]).toEqual([['changes?after=7'], []]);
    desk.down = false;
    await later();
    expect([desk.asked.slice(1), told]).toEqual([[LATEST, 'changes?after=7'], [[]]]);
  });

  it('is said above what is shown for as long as it is down', async () => {
    const desk = office();
    desk.down = true;
    const shown = new Office(http(), false);
    const started = shown.start();
    await settled();
    expect(shown.away).toBe(true);
    desk.down = false;
    await later();
    await started;
    await vi.runOnlyPendingTimersAsync();
    expect([shown.away, desk.asked.includes('changes?after=7')]).toEqual([false, true]);

    desk.down = true;
    desk.ends();
    // A second that looks whether everything is connected.
    shown.tick(15_000);
    await vi.runOnlyPendingTimersAsync();
    expect(shown.away).toBe(true);
    await shown.act(() => shown.backend.call('lines', {}));
    expect(shown.notice).toEqual({ text: words.away.message, hint: words.away.hint });
    const { news } = shown;
    desk.down = false;
    // Whoever waits for it goes on in turn: the window, what follows, the next frame.
    for (let n = 0; n < 4; n++) await vi.runOnlyPendingTimersAsync();
    expect([shown.away, shown.news]).toEqual([false, news + 1]);
  });
});
