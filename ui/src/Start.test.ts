import { cleanup, render, screen } from '@testing-library/svelte';
import { afterEach, describe, expect, it, vi } from 'vitest';
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
