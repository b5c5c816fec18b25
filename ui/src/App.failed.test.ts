import { cleanup, render, screen } from '@testing-library/svelte';
import { afterEach, describe, expect, it, vi } from 'vitest';
import App from './App.svelte';
import type { Backend, Command } from './backend/backend';
import { parts } from './views/parts';

// As where the window was renewed under its page.
vi.mock('./views/ConversationPane.svelte', () => {
  throw new Error('not there');
});

describe('a window whose conversations do not load', () => {
  afterEach(cleanup);

  it('says so in their place, for as long as one is open', async () => {
    const answers: Partial<Record<Command, unknown>> = {
      conversations: { seq: 1, conversations: [], total: 0, counts: {} },
      conversation: { seq: 1, conversation: { id: 'a', unread: 0 }, timeline: [], draft: '' },
      lines: { business_name: '', lines: [] },
      settings: { playback: {}, hours: {} },
      health: { elsewhere: [], connected: true },
    };
    render(App, {
      backend: {
        call: (command: Command) => Promise.resolve(answers[command] ?? {}),
        subscribe: () => Promise.resolve(),
        desktop: null,
        player: { listen: () => () => undefined, stop: () => Promise.resolve() },
      } as unknown as Backend,
      practice: true,
      called: { to: 'conversation', id: 'a' },
      onleave: () => undefined,
      ondisconnect: () => Promise.resolve(),
    });
    await screen.findByText('This part did not load.');
    expect(screen.getByRole('button', { name: 'Load it again' })).toBeTruthy();
    expect(parts.conversation.value).toBeNull();
  });
});
