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

describe('a line that somebody else has open', () => {
  afterEach(cleanup);

  it('is only tried again', async () => {
    const tries: boolean[] = [];
    const leave = (again: boolean) => Promise.resolve(void tries.push(again));
    render(Welcome, {
      front: { leave } as unknown as Front,
      trouble: { kind: 'taken', detail: '' },
      known: true,
      onchange: () => Promise.resolve(),
      openLink: () => Promise.resolve(),
    });
    expect(screen.getByRole('heading', { name: 'Ringdesk is open already' })).toBeTruthy();
    expect(screen.getByText(/another user of this computer/)).toBeTruthy();
    expect(screen.getAllByRole('button').map((button) => button.textContent.trim())).toEqual(['Try again']);
    await fireEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(tries).toEqual([true]);
  });
});

describe('the first page', () => {
  afterEach(cleanup);

  it('says what stays here, and keeps what few people need behind Advanced', async () => {
    render(Welcome, {
      front: {} as Front,
      trouble: null,
      known: false,
      onchange: () => Promise.resolve(),
      openLink: () => Promise.resolve(),
    });
    expect(screen.getByText(/^Your messages stay on this computer\./)).toBeTruthy();
    await fireEvent.click(screen.getByRole('button', { name: /Connect my Twilio account/ }));
    const advanced = screen.getByText('Advanced').closest('details');
    expect(advanced?.open).toBe(false);
    expect(advanced?.textContent).toContain('Use an API key as well');
  });
});
