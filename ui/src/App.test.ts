import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import App from './App.svelte';
import type { Backend, Command } from './backend/backend';
import type { Conversation, OpenConversation } from './backend/generated/desk';
import { parts } from './views/parts';

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
function opened({ isOpen = false, window = {} } = {}) {
  const did: Command[] = [];
  const answers: Partial<Record<Command, unknown>> = {
    conversations: { seq: 1, conversations: [row], total: 1, unread: 0, waiting: 0, missed: 0, unheard: 0 },
    conversation: {
      seq: 1,
      conversation: row,
      timeline: [],
      older: null,
      closed: null,
      draft: '',
    } as unknown as OpenConversation,
    lines: { business_name: 'Webb & Sons', lines: [] },
    settings: {
      playback: {},
      window: { theme: 'system', text_percent: 100, ...window },
      hours: {},
      notifications: {},
      texts: { templates: [] },
      calls: { phones: [] },
      lines: {},
    },
    health: { elsewhere: [], connected: true, reachable: true },
    search: { people: [], texts: [] },
    colleagues: [{ id: 's', name: 'Sam Ortiz' }],
    measure_text: { segments: 1, left: 160 },
    contact: { calls: [], notes: '', tags: [], numbers: [], consent: [] },
  };
  const call = (command: Command) => {
    did.push(command);
    return Promise.resolve(answers[command] ?? {});
  };
  const backend = {
    call,
    subscribe: () => Promise.resolve(),
    desktop: null,
    player: { listen: () => () => undefined, stop: () => Promise.resolve() },
  } as unknown as Backend;
  render(App, {
    backend,
    practice: true,
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

describe('the window', () => {
  it('opens by its key what is not loaded yet, with what was typed meanwhile', async () => {
    const did = opened();
    await screen.findByText('Pick a conversation');
    await press('k', { ctrlKey: true });
    expect(parts.dialogs.value).toBeNull();
    // Each would do something of its own to the list.
    for (const key of 'june') await press(key);
    await parts.dialogs.need();
    const field = await screen.findByRole<HTMLInputElement>('combobox');
    await waitFor(() => expect([document.activeElement, field.value]).toEqual([field, 'june']));
    await waitFor(() => expect(did).toContain('search'));
    expect(did).not.toContain('conversation');
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
});
