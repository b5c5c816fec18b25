import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Backend, Command, Desktop } from '../backend/backend';
import type { Health, Settings } from '../backend/generated/desk';
import { Office } from '../state/office.svelte';
import Closing from './Closing.svelte';

beforeEach(() => {
  vi.spyOn(HTMLDialogElement.prototype, 'showModal').mockImplementation(function (this: HTMLDialogElement) {
    this.open = true;
  });
  vi.spyOn(HTMLDialogElement.prototype, 'close').mockImplementation(function (this: HTMLDialogElement) {
    this.open = false;
    this.dispatchEvent(new Event('close'));
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  cleanup();
});

/** The question what closing means, asked of an owner with so many texts that have not left. */
function asked(queued: number, on_close: Settings['window']['on_close'] = 'ask', inTray = true) {
  const health: Pick<Health, 'queued' | 'locked'> = { queued, locked: null };
  const did: [Command | 'close', unknown][] = [];
  const call = (command: Command, request: unknown) => {
    if (command === 'apply_settings') did.push([command, request]);
    const answers = { health: { ...health }, apply_settings: { window: { on_close } } };
    return Promise.resolve(command in answers ? answers[command as keyof typeof answers] : {});
  };
  const backend = { call, player: { listen: () => () => undefined } } as unknown as Backend;
  const desktop = {
    closingAsked: () => Promise.resolve(),
    inTray: () => Promise.resolve(inTray),
    closeWindow: (keep: boolean) => {
      did.push(['close', keep]);
      return Promise.resolve();
    },
  } as unknown as Desktop;
  const office = new Office(backend, true);
  office.settings = { window: { on_close } } as Settings;
  render(Closing, { office, desktop }).component.ask();
  return { did, health, office };
}
const press = (name: string) => fireEvent.click(screen.getByRole('button', { name }));

it('says what has not left, until it has', async () => {
  const { health, office } = asked(1);
  const one = '1 text has not left yet. If you quit, it waits until you open Ringdesk again.';
  expect(await screen.findByText(one)).toBeTruthy();
  health.queued = 2;
  office.news += 1;
  expect(await screen.findByText(/^2 texts have not left yet\. If you quit, they wait/)).toBeTruthy();
  health.queued = 0;
  office.news += 1;
  await waitFor(() => expect(screen.queryByText(/not left yet/)).toBeNull());
});

it('says of no text that it waits for the program where it waits for the owner’s word', async () => {
  const { health, office } = asked(1);
  await screen.findByText(/1 text has not left yet/);
  health.locked = 'copied';
  office.news += 1;
  await waitFor(() => expect(screen.queryByText(/not left yet/)).toBeNull());
});

it('keeps what was said before where it asks because of a text', async () => {
  const { did } = asked(1, 'quit');
  await screen.findByText(/1 text has not left yet/);
  expect(screen.queryByRole('checkbox')).toBeNull();
  await press('Keep receiving');
  await waitFor(() => expect(did).toEqual([['close', true]]));
});

it('remembers the first answer', async () => {
  const { did } = asked(0);
  await press('Quit');
  await waitFor(() => expect(did.length).toBe(2));
  expect(did).toEqual([
    ['apply_settings', { window: { on_close: 'quit' } }],
    ['close', false],
  ]);
});

it.each([true, false])('says how the window comes back where no icon does that (%s)', async (inTray) => {
  asked(1, 'ask', inTray);
  await screen.findByText(/1 text has not left yet/);
  expect(screen.queryByText(/start Ringdesk again to see its window/) === null).toBe(inTray);
});
