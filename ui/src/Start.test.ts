import { cleanup, fireEvent, render, screen } from '@testing-library/svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { About, Backend, Trouble } from './backend/backend';
import Start from './Start.svelte';

const troubled = (kind: Trouble['kind']): About => ({
  version: '1',
  stage: 'trouble',
  practice: false,
  trouble: { kind, detail: '' },
  known: true,
});

describe('a password safe that is locked', () => {
  afterEach(() => {
    cleanup();
    vi.useRealTimers();
  });

  it('is looked at until it is not, and nothing else is', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    let now = troubled('locked');
    const about = vi.fn(() => Promise.resolve(now));
    const desktop = { listen: () => Promise.resolve(), front: {} };
    render(Start, { backend: { about, desktop, admit: null } as unknown as Backend });
    await screen.findByRole('heading', { name: 'Your password safe is locked' });
    await vi.advanceTimersByTimeAsync(2_000);
    expect(about).toHaveBeenCalledTimes(3);
    now = troubled('missing');
    await vi.advanceTimersByTimeAsync(1_000);
    await screen.findByRole('heading', { name: 'Your Twilio token is gone' });
    await vi.advanceTimersByTimeAsync(5_000);
    expect(about).toHaveBeenCalledTimes(4);
  });
});

describe('what is long in coming', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => {
    cleanup();
    vi.useRealTimers();
  });
  const later = (ms: number) => vi.advanceTimersByTimeAsync(ms);
  const never = () => new Promise<never>(() => undefined);
  const said = () => document.querySelector('.opening')?.textContent ?? null;
  const office = { ...troubled('locked'), stage: 'open', trouble: null };
  const begun = (about: () => Promise<unknown>) => {
    const player = { listen: () => () => undefined, stop: () => Promise.resolve() };
    render(Start, {
      backend: { about, desktop: null, admit: null, call: never, player } as unknown as Backend,
    });
  };

  it('is told where that was silent before, and goes on being told by the window that comes', async () => {
    let answer: (about: unknown) => void = () => undefined;
    begun(() => new Promise((done) => (answer = done)));
    const status = screen.getByRole('status');
    await later(290);
    expect(said()).toBe('');
    await later(20);
    expect([said(), status.textContent]).toEqual(['Opening…', 'Opening…']);
    answer(office);
    await later(10);
    expect([document.querySelector('.app') !== null, said()]).toEqual([true, 'Opening…']);
  });

  it('is not told at once by a window that comes soon', async () => {
    begun(() => Promise.resolve(office));
    await later(290);
    expect([document.querySelector('.app') !== null, said()]).toEqual([true, '']);
    await later(20);
    expect(said()).toBe('Opening…');
  });

  it('is tried again where nobody answered', async () => {
    const about = vi.fn((): Promise<unknown> => Promise.reject(new Error('nobody is there')));
    begun(about);
    await later(400);
    expect([screen.getByRole('main').textContent, said()]).toEqual([
      expect.stringContaining('Ringdesk does not answer.'),
      '',
    ]);
    about.mockResolvedValue(office);
    await fireEvent.click(screen.getByRole('button', { name: 'Try now' }));
    await later(10);
    expect([document.querySelector('main.away'), said()]).toEqual([null, '']);
  });
});
