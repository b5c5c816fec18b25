import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Backend, Command } from '../backend/backend';
import type { Change, Colleague, Conversation } from '../backend/generated/desk';
import { Office } from '../state/office.svelte';
import Assign from './Assign.svelte';

const nora = { id: 'n', name: 'Nora Bell' };
const sam = { id: 's', name: 'Sam Ortiz' };
const zoe = { id: 'z', name: 'Zoë' };

/** The open conversation of Marcus, who works here, and what the desk was asked to do. */
async function opened(known: Colleague[], assigned: Colleague | null = null, refused: Command[] = []) {
  const did: [Command, unknown][] = [];
  const row = { id: 'a', name: 'Marcus Webb', unread: 0, assigned } as Conversation;
  let told: (changes: Change[]) => void = () => undefined;
  const answers: Partial<Record<Command, (request: never) => unknown>> = {
    conversations: () => ({ seq: 1, conversations: [row], total: 1 }),
    conversation: () => ({ seq: 1, conversation: row, timeline: [], draft: '' }),
    settings: () => ({ playback: {} }),
    colleagues: () => [...known],
    add_colleague: ({ name }: { name: string }) => {
      known.push({ id: 'new', name });
      return known.at(-1);
    },
  };
  const backend = {
    call: async (command: Command, request: never) => {
      if (['assign', 'add_colleague'].includes(command)) did.push([command, request]);
      // Later than whoever asks goes on.
      await Promise.resolve();
      if (refused.includes(command)) throw { code: 'no', message: 'That can’t be done.', hint: 'Wait.' };
      return answers[command]?.(request) ?? {};
    },
    subscribe: (_: number, listener: typeof told) => {
      told = listener;
      return Promise.resolve();
    },
    player: { listen: () => () => undefined },
  } as unknown as Backend;
  const office = new Office(backend, false);
  await office.start();
  await office.show('a');
  const { component } = render(Assign, { office });
  component.ask();
  const settings = () => told([{ seq: 2, kind: 'settings_changed', conversation: null, at: 0 }]);
  return { did, office, component, settings };
}

const field = () => screen.getByRole<HTMLInputElement>('combobox', { name: 'Name' });
const options = () =>
  screen.queryAllByRole('option').map((one) => one.textContent?.replace(/\s+/g, ' ').trim());
const chosen = () => screen.queryByRole('option', { selected: true })?.textContent?.trim() ?? null;
const type = (value: string) => fireEvent.input(field(), { target: { value } });
const press = (key: string) => fireEvent.keyDown(field(), { key });
const isOpen = () => document.querySelector('dialog')?.open ?? false;
/** Waits until it is shown who can be chosen. */
const shows = (count: number) => waitFor(() => expect(options()).toHaveLength(count));

describe('who sees to a conversation', () => {
  afterEach(() => {
    vi.restoreAllMocks();
    cleanup();
  });

  it('is chosen by a part of the name and Enter, said, and taken back', async () => {
    const { did, office } = await opened([nora, sam]);
    expect(screen.getByRole('heading').textContent).toBe('Who sees to Marcus Webb?');
    expect(document.activeElement).toBe(field());
    await shows(2);
    await type('ortiz');
    expect(options()[0]).toBe('SO Sam Ortiz');
    expect(field().getAttribute('aria-activedescendant')).toBe(screen.getAllByRole('option')[0]?.id);
    await press('Enter');
    await waitFor(() => expect(isOpen()).toBe(false));
    expect(did).toEqual([['assign', { id: 'a', to: 's' }]]);
    expect(office.undoable?.said).toBe('Assigned to Sam Ortiz.');
    await office.undo();
    expect(did.at(-1)).toEqual(['assign', { id: 'a', to: null }]);
  });

  it('is chosen by the arrows, which stop at the ends', async () => {
    const { did } = await opened([nora, sam, zoe]);
    await shows(3);
    for (const key of ['ArrowUp', 'ArrowDown', 'ArrowDown', 'ArrowDown']) await press(key);
    expect(chosen()).toContain('Zoë');
    await press('ArrowUp');
    await press('Enter');
    await waitFor(() => expect(did).toEqual([['assign', { id: 'a', to: 's' }]]));
  });

  it('is chosen by the mouse', async () => {
    const { did } = await opened([nora, sam]);
    await shows(2);
    await fireEvent.click(screen.getByText('Sam Ortiz'));
    await waitFor(() => expect(did).toEqual([['assign', { id: 'a', to: 's' }]]));
  });

  it('is added and assigned in one go, and the first time it is said what for', async () => {
    const { did, office } = await opened([]);
    await screen.findByText(/^Type the name of whoever sees to it/);
    expect(field().getAttribute('aria-expanded')).toBe('false');
    await type('  Sam   Ortiz ');
    expect([options(), chosen()]).toEqual([['Add “Sam Ortiz”'], 'Add “Sam Ortiz”']);
    await press('Enter');
    await waitFor(() => expect(isOpen()).toBe(false));
    expect(did).toEqual([
      ['add_colleague', { name: 'Sam Ortiz' }],
      ['assign', { id: 'a', to: 'new' }],
    ]);
    expect(office.undoable?.said).toBe('Assigned to Sam Ortiz.');
  });

  it('is found without accents, and added only where nobody has that very name', async () => {
    await opened([nora, zoe]);
    await shows(2);
    await type('zoe');
    expect([options().length, chosen()]).toEqual([2, expect.stringContaining('Zoë')]);
    await type('ZOË');
    expect(options()).toEqual(['Z Zoë']);
    expect(screen.queryByText(/Add “/)).toBeNull();
  });

  it('is nobody, where somebody did: on top, but never by haste', async () => {
    const { did, office } = await opened([nora, sam], sam);
    await shows(3);
    expect(options()).toEqual(['Nobody', 'NB Nora Bell', 'SO Sam Ortiz now']);
    // As it is now: Enter changes nothing.
    expect(chosen()).toContain('Sam Ortiz');
    await type('no');
    expect(chosen()).toContain('Nora Bell');
    await press('ArrowUp');
    await press('Enter');
    await waitFor(() => expect(isOpen()).toBe(false));
    expect(did).toEqual([['assign', { id: 'a', to: null }]]);
    expect(office.undoable?.said).toBe('Assigned to nobody.');
    await office.undo();
    expect(did.at(-1)).toEqual(['assign', { id: 'a', to: 's' }]);
  });

  it('stays as it is, and nothing is said, where the same is chosen', async () => {
    const { did, office } = await opened([nora, sam], sam);
    await shows(3);
    await press('Enter');
    await waitFor(() => expect(isOpen()).toBe(false));
    expect([did, office.undoable]).toEqual([[], null]);
  });

  it('is not somebody called Nobody', async () => {
    await opened([nora]);
    await shows(1);
    await type('nobody');
    expect(options()).toEqual([]);
    expect(screen.getByRole('status').textContent).toBe('Nobody sees to it yet.');
  });

  it('waits for the names, where somebody was faster', async () => {
    const { did } = await opened([nora, sam]);
    await type('sam');
    await press('Enter');
    await waitFor(() => expect(did).toEqual([['assign', { id: 'a', to: 's' }]]));
  });

  it('is left as it is by who was faster and closed it again', async () => {
    const { did, component } = await opened([nora, sam]);
    const pressed = press('Enter');
    document.querySelector('dialog')?.close();
    component.ask();
    await pressed;
    await shows(2);
    expect([did, isOpen()]).toEqual([[], true]);
  });

  it('says what was refused, and goes on asking', async () => {
    const { office } = await opened([nora], null, ['assign']);
    await shows(1);
    await press('Enter');
    expect((await screen.findByRole('alert')).textContent).toContain('That can’t be done.');
    expect([isOpen(), office.undoable]).toEqual([true, null]);
  });

  it('says that the names could not be had, and adds nobody blindly', async () => {
    await opened([], null, ['colleagues']);
    expect((await screen.findByRole('alert')).textContent).toContain('That can’t be done.');
    await type('Sam');
    expect(options()).toEqual([]);
    expect(screen.getByRole('button', { name: 'Try again' })).toBeTruthy();
  });

  it('follows the list while it is open, and keeps what was chosen', async () => {
    const known = [nora, zoe];
    const { settings } = await opened(known);
    await shows(2);
    await press('ArrowDown');
    known.splice(1, 0, sam);
    settings();
    await shows(3);
    expect(chosen()).toContain('Zoë');
  });

  it('stays as it is where it is put off', async () => {
    const { did } = await opened([nora]);
    await shows(1);
    await fireEvent.click(screen.getByRole('button', { name: 'Not now' }));
    await waitFor(() => expect(isOpen()).toBe(false));
    expect(did).toEqual([]);
  });

  it('asks nothing where no conversation is on the screen', async () => {
    const { office, component } = await opened([nora]);
    await fireEvent.click(screen.getByRole('button', { name: 'Close' }));
    await waitFor(() => expect(screen.queryByRole('combobox')).toBeNull());
    await office.show(null);
    component.ask();
    expect(isOpen()).toBe(false);
  });
});
