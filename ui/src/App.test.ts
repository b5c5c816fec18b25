import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { tick } from 'svelte';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import App from './App.svelte';
import type { Backend, Command, Desktop } from './backend/backend';
import type { Conversation, OpenConversation, Text } from './backend/generated/desk';
import { parts } from './views/parts';
import { words } from './words/en';

beforeEach(() => {
  // Nothing is loaded ahead: the page is never idle.
  vi.stubGlobal('requestIdleCallback', () => 0);
  // As browsers do: what opens gives the focus to the first that takes it.
  vi.spyOn(HTMLDialogElement.prototype, 'showModal').mockImplementation(function (this: HTMLDialogElement) {
    this.open = true;
    this.querySelector<HTMLElement>('input, button')?.focus();
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  cleanup();
});

const row = {
  id: 'a',
  customer: '+14155550176',
  display: '(415) 555-0176',
  line: 'l',
  line_display: '(415) 555-0142',
  name: 'Marcus Webb',
  unread: 0,
  last_at: Date.now(),
  last: null,
  last_call: null,
  draft: null,
  done_at: null,
  waiting_since: null,
  assigned: null,
} as Conversation;

/** The window of a practice line with one conversation, which may be open, and what it is asked to do. */
function opened({
  isOpen = false,
  window = {},
  timeline = [] as Partial<Text>[],
  rows = [row],
  found = [] as Conversation[],
  health = {},
  desktop = null as Partial<Desktop> | null,
  practice = true,
  /** What is answered otherwise. */
  instead = {} as Partial<Record<Command, () => Promise<unknown>>>,
} = {}) {
  const did: Command[] = [];
  const answers: Partial<Record<Command, unknown>> = {
    conversations: {
      ...{ seq: 1, conversations: rows, total: rows.length, unread: 0, waiting: 0, missed: 0, unheard: 0 },
      counts: { unread: 0, waiting: 0, missed: 0 },
    },
    conversation: {
      seq: 1,
      conversation: row,
      timeline,
      older: null,
      closed: null,
      draft: '',
    } as unknown as OpenConversation,
    lines: {
      business_name: 'Webb & Sons',
      lines: [{ id: 'l', number: '+15005550006', display: '(500) 555-0006', name: '' }],
    },
    settings: {
      playback: {},
      window: { theme: 'system', text_percent: 100, ...window },
      hours: {},
      notifications: {},
      texts: { templates: [] },
      calls: { phones: [] },
      lines: {},
    },
    health: { elsewhere: [], connected: true, reachable: true, ...health },
    search: { people: found, texts: [] },
    colleagues: [{ id: 's', name: 'Sam Ortiz' }],
    measure_text: { segments: 1, left: 160 },
    contact: { calls: [], notes: '', tags: [], numbers: [], consent: [] },
  };
  const call = (command: Command) => {
    did.push(command);
    return instead[command]?.() ?? Promise.resolve(answers[command] ?? {});
  };
  const backend = {
    call,
    subscribe: () => Promise.resolve(),
    desktop: desktop && {
      inView: () => Promise.resolve(),
      practice: { texts: () => Promise.resolve([]) },
      ...desktop,
    },
    player: { listen: () => () => undefined, stop: () => Promise.resolve() },
  } as unknown as Backend;
  render(App, {
    backend,
    practice,
    called: isOpen ? { to: 'conversation', id: 'a' } : null,
    onleave: () => undefined,
    ondisconnect: () => Promise.resolve(),
  });
  return did;
}

const press = (key: string, more: KeyboardEventInit = {}) =>
  fireEvent.keyDown(document.activeElement ?? document.body, {
    key,
    bubbles: true,
    cancelable: true,
    ...more,
  });

/** Never answered. */
const never = () => new Promise(() => undefined);
const refused = () => Promise.reject(new Error('nobody is there'));

describe('the window that opens', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());
  const later = (ms: number) => vi.advanceTimersByTimeAsync(ms);
  const frame = () => document.querySelector('.frame.isShown');
  const opening = () => document.querySelector('.opening')?.textContent ?? null;

  it('is drawn whole, without a word before it', async () => {
    opened();
    expect([frame(), opening()]).toEqual([null, '']);
    await later(50);
    expect([frame() !== null, opening()]).toEqual([true, null]);
  });

  it('is drawn without its list where that is long in coming, and takes no key before', async () => {
    const seen = vi.fn(() => Promise.resolve());
    opened({ desktop: { inView: seen }, isOpen: true, instead: { conversations: never } });
    vi.spyOn(document, 'hasFocus').mockReturnValue(true);
    await fireEvent.focus(window);
    await later(290);
    await press('5', { ctrlKey: true });
    expect([frame(), opening()]).toEqual([null, '']);
    expect(seen.mock.calls).toEqual([[null]]);
    await later(20);
    expect([frame() !== null, opening()]).toEqual([true, null]);
    expect(screen.getByRole('button', { name: 'Settings' }).getAttribute('aria-current')).toBeNull();
    expect(seen).toHaveBeenLastCalledWith('a');
  });

  it('is drawn at once where nobody answers, and says so', async () => {
    const silent = Object.assign(new Error(words.away.message), { code: 'away', hint: words.away.hint });
    opened({ instead: { conversations: () => Promise.reject(silent) } });
    await later(50);
    expect([frame() !== null, opening()]).toEqual([true, null]);
    expect(document.querySelector('.banner')?.textContent).toContain('Ringdesk does not answer.');
    // What is asked for meanwhile and fails, too, does not say it once more.
    await press('1', { ctrlKey: true });
    await fireEvent.click(screen.getByRole('button', { name: 'Unread' }));
    await later(0);
    expect(document.querySelector('.toast')).toBeNull();
  });

  it('waits for where the owner is led, and says so where that takes long', async () => {
    let refuse: (error: Error) => void = () => undefined;
    const setup = () => new Promise((_, no) => (refuse = no));
    opened({ practice: false, instead: { setup } });
    await later(290);
    expect([frame(), opening()]).toEqual([null, '']);
    const said = document.querySelector('.opening[role=status]');
    await later(20);
    expect([frame(), opening(), said?.textContent]).toEqual([null, 'Opening…', 'Opening…']);
    refuse(new Error('nobody is there'));
    await later(0);
    expect([frame() !== null, opening()]).toEqual([true, null]);
  });

  it('says so where who is led has to wait, or nobody answers', async () => {
    const setup = () => Promise.resolve({ going: true, steps: [] });
    const answers = vi.fn(never);
    opened({ practice: false, instead: { setup, settings: answers } });
    await later(290);
    expect([document.querySelector('.frame'), opening()]).toEqual([null, '']);
    await later(20);
    expect(opening()).toBe('Opening…');
    cleanup();
    answers.mockImplementation(refused);
    opened({ practice: false, instead: { setup, settings: answers } });
    await later(50);
    expect(document.querySelector('main.away [role=alert]')?.textContent).toContain(
      'Ringdesk does not answer.',
    );
    const asked = answers.mock.calls.length;
    await fireEvent.click(screen.getByRole('button', { name: 'Try now' }));
    await later(50);
    expect([answers.mock.calls.length > asked, document.querySelector('.frame')]).toEqual([true, null]);
  });
});

describe('the window', () => {
  it('opens by its key what is not loaded yet, with what was typed meanwhile', async () => {
    const did = opened();
    await screen.findByText('Pick a conversation');
    await press('k', { ctrlKey: true });
    expect(parts.dialogs.value).toBeNull();
    // Each would do something of its own to the list.
    for (const key of 'june') await press(key);
    await parts.dialogs.need();
    const field = await screen.findByRole<HTMLInputElement>('combobox', { name: 'Find anything' });
    await waitFor(() => expect([document.activeElement, field.value]).toEqual([field, 'june']));
    await waitFor(() => expect(did).toContain('search'));
    expect(did).not.toContain('conversation');
  });

  it('lets the owner try at once where there is no connection', async () => {
    const did = opened({ health: { connected: false } });
    const button = await screen.findByRole('button', { name: 'Try now' });
    expect(button.closest('.banner')?.textContent).toContain('Not connected.');
    expect(did).not.toContain('catch_up');
    await fireEvent.click(button);
    await waitFor(() => expect(did.filter((one) => one === 'catch_up')).toHaveLength(1));
  });

  it('offers to pick a conversation only where there is one', async () => {
    const did = opened({ rows: [] });
    await screen.findByText('Nobody is waiting on you');
    expect(did).toContain('conversations');
    expect(screen.queryByText('Pick a conversation')).toBeNull();
  });

  it('asks by A who sees to what is open, and only where letters act', async () => {
    opened({ isOpen: true });
    await parts.conversation.need();
    await screen.findByRole('heading', { name: 'Marcus Webb' });
    screen.getByRole('textbox', { name: 'Text to Marcus Webb' }).focus();
    await parts.dialogs.need();
    await press('a');
    expect(document.querySelector('dialog[open]')).toBeNull();
    (document.activeElement as HTMLElement).blur();
    await press('a');
    await screen.findByRole('heading', { name: 'Who sees to Marcus Webb?' });
    expect(document.activeElement?.id).toBe('assign-name');
  });

  it('names the key of a note only where a browser does not keep it to itself', async () => {
    const named = async (desktop: Partial<Desktop> | null) => {
      opened({ isOpen: true, desktop });
      await parts.conversation.need();
      const button = await screen.findByRole('button', { name: 'Write a note' });
      const keys = button.getAttribute('aria-keyshortcuts');
      cleanup();
      return keys;
    };
    expect(await named({})).toBe('Control+Shift+N');
    expect(await named(null)).toBeNull();
  });

  it('asks nothing by A where letters are switched off, but is found', async () => {
    opened({ isOpen: true, window: { letters_off: true } });
    await parts.conversation.need();
    await screen.findByRole('heading', { name: 'Marcus Webb' });
    await parts.dialogs.need();
    await press('a');
    expect(document.querySelector('dialog[open]')).toBeNull();
    await press('k', { ctrlKey: true });
    const field = await screen.findByRole<HTMLInputElement>('combobox', { name: 'Find anything' });
    await fireEvent.input(field, { target: { value: 'assign' } });
    await screen.findByRole('option', { name: /^Assign to…/, selected: true });
    await press('Enter');
    await screen.findByRole('heading', { name: 'Who sees to Marcus Webb?' });
  });

  it('goes into a part by its key before it is loaded, and the part has the focus', async () => {
    opened();
    await screen.findByText('Pick a conversation');
    expect(parts.calls.value).toBeNull();
    await press('2', { ctrlKey: true });
    await parts.calls.need();
    await screen.findByRole('heading', { name: 'Calls' });
    await waitFor(() => expect(document.activeElement?.id).toBe('calls'));
  });

  it('still goes by keys that are no letters where letters are switched off', async () => {
    const did = opened({ window: { letters_off: true } });
    await parts.conversation.need();
    await parts.dialogs.need();
    await screen.findByText('Pick a conversation');
    await press('j');
    await press('?');
    await tick();
    expect(did).not.toContain('conversation');
    expect(document.querySelector('dialog[open]')).toBeNull();
    await press('ArrowDown');
    await screen.findByRole('heading', { name: 'Marcus Webb' });
  });

  it('goes to the settings by Ctrl 5', async () => {
    opened();
    await screen.findByText('Pick a conversation');
    await press('5', { ctrlKey: true });
    await waitFor(() =>
      expect(screen.getByRole('button', { name: 'Settings' }).getAttribute('aria-current')).toBe('page'),
    );
  });

  it('takes a text back by Ctrl Z in the field it left empty, not in one where something is written', async () => {
    const sent = { type: 'text', id: 't', incoming: false, body: 'Oops', at: 1, attachments: [] };
    const text = { ...sent, status: 'queued', undo_until: Date.now() + 60_000 } as unknown as Text;
    const did = opened({ isOpen: true, timeline: [text] });
    await parts.conversation.need();
    await screen.findByRole('heading', { name: 'Marcus Webb' });
    const field = screen.getByRole<HTMLTextAreaElement>('textbox', { name: 'Text to Marcus Webb' });
    field.focus();
    await fireEvent.input(field, { target: { value: 'And another' } });
    await press('z', { ctrlKey: true });
    expect(did).not.toContain('take_back');
    await fireEvent.input(field, { target: { value: '' } });
    await press('z', { ctrlKey: true });
    expect(did).toContain('take_back');
  });

  it('opens the practice phone where it does not lie beside, and puts it away to where it was opened', async () => {
    opened({ desktop: {} });
    await parts.phone.need();
    const [opener] = await screen.findAllByRole('button', { name: 'Open the practice phone' });
    opener?.focus();
    await fireEvent.click(opener as HTMLElement);
    await waitFor(() =>
      expect(document.activeElement).toBe(screen.getByRole('textbox', { name: 'Text the business' })),
    );
    expect(document.querySelector('main.lifted')).not.toBeNull();
    await fireEvent.click(screen.getByRole('button', { name: 'Put the practice phone away' }));
    expect(document.querySelector('main.lifted')).toBeNull();
    expect(document.activeElement).toBe(opener);
  });

  it('has one row of the list that Tab goes to: the open one, or the first', async () => {
    // As browsers do: how large everything is, is told.
    class Watch implements ResizeObserver {
      readonly #told: ResizeObserverCallback;
      constructor(told: ResizeObserverCallback) {
        this.#told = told;
      }
      observe(target: Element): void {
        const contentRect = { width: 300, height: target.querySelector(':scope > .row') ? 60 : 600 };
        const seen = { target, contentRect } as unknown as ResizeObserverEntry;
        setTimeout(() => this.#told([seen], this));
      }
      unobserve = () => undefined;
      disconnect = () => undefined;
    }
    const view = document.defaultView as unknown as { ResizeObserver: typeof Watch };
    const { ResizeObserver: own } = view;
    view.ResizeObserver = Watch;
    onTestFinished(() => void (view.ResizeObserver = own));
    const shown = { configurable: true, get: () => document.body };
    const { prototype } = HTMLElement;
    const before = Object.getOwnPropertyDescriptor(prototype, 'offsetParent');
    Object.defineProperty(prototype, 'offsetParent', shown);
    onTestFinished(() => void (before && Object.defineProperty(prototype, 'offsetParent', before)));
    opened({ rows: ['a', 'b', 'c'].map((id) => ({ ...row, id, name: id })) });
    await parts.conversation.need();
    await screen.findByText('Pick a conversation');
    const reached = () =>
      [...document.querySelectorAll<HTMLElement>('[data-conversation]')]
        .filter(({ tabIndex }) => tabIndex === 0)
        .map(({ dataset }) => dataset['conversation']);
    await waitFor(() => expect(reached()).toEqual(['a']));
    document.querySelector<HTMLElement>("[data-conversation='a']")?.focus();
    await press('ArrowDown');
    await press('ArrowDown');
    await waitFor(() => expect(reached()).toEqual(['b']));
    await waitFor(() => expect((document.activeElement as HTMLElement).dataset['conversation']).toBe('b'));
  });

  it('leads by the arrows through what is found, without leaving the field', async () => {
    opened({ found: [row, { ...row, id: 'b', name: 'Marcia Lund' }] });
    await screen.findByText('Pick a conversation');
    const field = screen.getByRole('combobox', { name: 'Search names, numbers, words' });
    expect(field.getAttribute('aria-expanded')).toBe('false');
    field.focus();
    await fireEvent.input(field, { target: { value: 'mar' } });
    const [first, second] = await screen.findAllByRole('option');
    expect(field.getAttribute('aria-activedescendant')).toBe(first?.id);
    await press('ArrowDown');
    await waitFor(() => expect(field.getAttribute('aria-activedescendant')).toBe(second?.id));
    expect([first, second].map((one) => one?.getAttribute('aria-selected'))).toEqual(['false', 'true']);
    expect(document.activeElement).toBe(field);
  });
});
