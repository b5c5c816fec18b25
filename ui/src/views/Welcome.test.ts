import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { afterEach, describe, expect, it } from 'vitest';
import type { Front } from '../backend/backend';
import Welcome from './Welcome.svelte';

const refusal = { code: 'no', message: 'Another program uses this door.', hint: 'Close it and try again.' };

describe('connecting that was refused', () => {
  afterEach(cleanup);

  it('asks where the line stands all the same, and keeps what was typed and what was said', async () => {
    let asked = 0;
    const view = render(Welcome, {
      front: { connect: () => Promise.reject(refusal as unknown as Error) } as unknown as Front,
      trouble: null,
      known: false,
      onchange: async () => {
        asked += 1;
        // The account was taken, and its line could not be opened.
        await view.rerender({ trouble: { kind: 'failed', detail: '' }, known: true });
      },
      openLink: () => Promise.resolve(),
    });
    await fireEvent.click(screen.getByRole('button', { name: /Connect my Twilio account/ }));
    const sid = `AC${'1'.repeat(32)}`;
    await fireEvent.input(screen.getByLabelText('Account SID'), { target: { value: sid } });
    await fireEvent.input(screen.getByLabelText('Auth Token'), { target: { value: 'the token' } });
    await fireEvent.submit(screen.getByLabelText('Auth Token').closest('form') as HTMLFormElement);
    expect((await screen.findByRole('alert')).textContent).toContain('Another program uses this door.');
    await waitFor(() => expect(asked).toBe(1));
    expect(screen.getByLabelText('Account SID')).toHaveProperty('value', sid);
    expect(screen.getByLabelText('Auth Token')).toHaveProperty('value', 'the token');
    expect(screen.getByRole('alert').textContent).toContain('Another program uses this door.');
  });
});
