import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { afterEach, describe, expect, it } from 'vitest';
import type { Backend, Command } from '../../backend/backend';
import type { Away, CatchUp, Health } from '../../backend/generated/desk';
import { catchingOf } from '../../state/catching.svelte';
import { Office } from '../../state/office.svelte';
import History from '../settings/line/History.svelte';
import { canBring } from '../settings/line/history';
import Digest from './Digest.svelte';
import LateMark from './LateMark.svelte';
import Locked from './Locked.svelte';
import Stamp from './Stamp.svelte';

afterEach(cleanup);
const press = async (name: string) => fireEvent.click(await screen.findByRole('button', { name }));
const away: Away = {
  from: Date.now() - 8 * 3_600_000,
  to: Date.now(),
  complete: true,
  texts: 2,
  people: 2,
  calls: 1,
  missed: 1,
  voicemails: 0,
  conversations: ['a'],
};

/** An office that is as complete as is said, and what it was asked. */
async function office(more: Partial<CatchUp>) {
  const asked: [Command, unknown][] = [];
  let state: CatchUp = {
    running: false,
    complete_to: Date.now(),
    problem: null,
    repaired: 0,
    away: null,
    history: { state: 'done', days: 30, back_to: null, percent: 100, texts: 0, calls: 0 },
    ...more,
  };
  const call = (command: Command, request: { days?: number }) => {
    asked.push([command, request]);
    if (command === 'seen_away') state = { ...state, away: null };
    if (command === 'bring_in_history')
      state = {
        ...state,
        history: { ...state.history, state: 'running', days: request.days ?? 0, percent: 40 },
      };
    if (command === 'stop_history') state = { ...state, history: { ...state.history, state: 'stopped' } };
    return Promise.resolve(state);
  };
  const made = new Office({ call, player: { listen: () => () => undefined } } as unknown as Backend, false);
  await catchingOf(made).ask();
  return { office: made, asked };
}

describe('the digest', () => {
  it('shows what came and goes once it was seen', async () => {
    const { office: desk, asked } = await office({ away });
    let shown = 0;
    const { container } = render(Digest, { office: desk, isShown: true, onshow: () => (shown += 1) });
    expect(screen.getByText('2 texts from 2 people · 1 missed call')).toBeTruthy();
    await press('Show them');
    expect(shown).toBe(1);
    await press('Got it');
    await waitFor(() => expect(container.querySelector('.away')).toBeNull());
    expect(asked.at(-1)?.[0]).toBe('seen_away');
  });

  it('keeps its place while more comes', async () => {
    const { office: desk } = await office({ away: { ...away, complete: false }, running: true });
    const { container } = render(Digest, { office: desk, isShown: true, onshow: () => undefined });
    expect(container.querySelector('.title')?.textContent).toBe('Fetching what came while you were away…');
    expect(container.querySelector('.seen.not-yet')).toBeTruthy();
  });

  it('only counts where the banner tells why the rest is not here', async () => {
    const problem = 'Twilio does not answer.';
    const { office: desk } = await office({ away: { ...away, complete: false }, problem });
    desk.health = { connected: false } as Health;
    const { container } = render(Digest, { office: desk, isShown: true, onshow: () => undefined });
    expect(container.querySelector('.came')?.textContent).toBe(
      '2 texts from 2 people · 1 missed call so far',
    );
    expect(container.querySelector('.hint')).toBeNull();
  });

  it('is heard once it is on the screen, and not again by whoever comes back to it', async () => {
    const { office: desk } = await office({ away });
    const props = { office: desk, isShown: false, onshow: () => undefined };
    const { rerender, unmount } = render(Digest, props);
    const heard = () => screen.getByRole('status').textContent;
    expect(heard().trim()).toBe('');
    await rerender({ ...props, isShown: true });
    // What is there with its words is not heard.
    expect(heard().trim()).toBe('');
    await waitFor(() => expect(heard()).toContain('2 texts from 2 people · 1 missed call'));
    unmount();
    render(Digest, { ...props, isShown: true });
    expect(heard()).toContain('2 texts from 2 people');
  });

  it('is not there where nothing came', async () => {
    const { office: desk } = await office({ away: { ...away, texts: 0, calls: 0, missed: 0 } });
    const { container } = render(Digest, { office: desk, isShown: true, onshow: () => undefined });
    expect(container.querySelector('.away')).toBeNull();
  });
});

describe('the stamp', () => {
  it('is there with a way to look again', async () => {
    const { office: desk, asked } = await office({});
    render(Stamp, { office: desk });
    expect(screen.getByText(/^Complete up to /, { selector: '.to' })).toBeTruthy();
    await press('Check now');
    expect(asked.at(-1)?.[0]).toBe('catch_up');
  });

  it('says in words what is wrong, unless the banner does', async () => {
    const { office: desk } = await office({ problem: 'Twilio does not answer.' });
    desk.health = { connected: true } as Health;
    const { container } = render(Stamp, { office: desk });
    const trouble = () => container.querySelector('.trouble[role=status]')?.textContent;
    expect(trouble()).toBe('Twilio does not answer.');
    desk.health = { connected: false } as Health;
    await waitFor(() => expect(trouble()).toBe(''));
  });
});

describe('a mark', () => {
  it('says why something is late', () => {
    render(LateMark, { late: 'asleep' });
    expect(screen.getByText('Arrived while this computer was asleep')).toBeTruthy();
    render(LateMark, { late: 'missed' });
    expect(screen.getByText('Fetched later: Twilio couldn’t reach this computer')).toBeTruthy();
  });
});

describe('sending that is locked', () => {
  it('asks before it is switched on', async () => {
    const { office: desk, asked } = await office({});
    const { container } = render(Locked, { office: desk, why: 'restored' });
    expect(screen.getByText(/^This is a restored copy/)).toBeTruthy();
    const before = asked.length;
    await press('Send from this computer');
    const dialog = container.querySelector('dialog');
    expect([dialog?.open, asked.length]).toEqual([true, before]);
    await fireEvent.click([...(dialog?.querySelectorAll('button') ?? [])].at(-1) as HTMLButtonElement);
    await waitFor(() => expect(dialog?.open).toBe(false));
    expect(asked[before]?.[0]).toBe('unlock_sending');
  });
});

describe('the past', () => {
  it('is brought in as far back as is chosen, and can be stopped and gone on with', async () => {
    const { office: desk, asked } = await office({});
    render(History, { office: desk });
    await press('3 months');
    await press('Bring in the last 3 months');
    const bar = await screen.findByRole('progressbar', { name: 'Earlier texts and calls' });
    expect(bar.getAttribute('aria-valuenow')).toBe('40');
    await press('Stop bringing them in');
    await press('Go on');
    const did = asked.filter(([command]) => command.endsWith('_history'));
    expect(did).toEqual([
      ['bring_in_history', { days: 91 }],
      ['stop_history', {}],
      ['bring_in_history', { days: 91 }],
    ]);
  });

  it('offers only what would do something', () => {
    expect(canBring({ state: 'done', days: 91 }, 30)).toBe(false);
    expect(canBring({ state: 'done', days: 91 }, 183)).toBe(true);
    expect(canBring({ state: 'running', days: 91 }, 30)).toBe(true);
    expect(canBring({ state: 'running', days: 91 }, 91)).toBe(false);
    expect(canBring({ state: 'none', days: 0 }, 30)).toBe(false);
  });
});
