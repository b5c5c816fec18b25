import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Backend } from '../backend/backend';
import type { Colleague } from '../backend/generated/desk';
import { Office, type Card } from '../state/office.svelte';
import ContactPanel from './ContactPanel.svelte';

const card = {
  name: 'Marcus Webb',
  consent_history: [],
  tags: [],
  numbers: [],
  calls: [],
  notes: 'Gate code 12',
};

/** The panel of Marcus, of whom `before` was known so many Changes ago. */
function shown(assigned: Colleague | null, before: { notes: string; ago: number } | null = null) {
  const backend = {
    call: () => Promise.resolve(card),
    player: { listen: () => () => undefined },
  } as unknown as Backend;
  const onassign = vi.fn();
  const customer = '+14155550176';
  const office = new Office(backend, false);
  office.news = 5;
  if (before) {
    const known = { ...card, notes: before.notes } as unknown as Card['known'];
    office.card = { conversation: 'a', known, news: office.news - before.ago };
  }
  const props = { office, conversation: 'a', display: customer, customer };
  const panel = render(ContactPanel, { ...props, assigned, onassign });
  return { panel, props, onassign };
}
const notes = () => screen.getByRole<HTMLTextAreaElement>('textbox', { name: 'Notes' });

describe('the contact panel', () => {
  afterEach(cleanup);

  it('says whose the conversation is, and asks whose it is to be', async () => {
    const { panel, props, onassign } = shown({ id: 's', name: 'Sam Ortiz' });
    const button = await screen.findByRole('button', { name: 'Assigned to Sam Ortiz' });
    expect(button.querySelector('.avatar')?.textContent).toBe('SO');
    await fireEvent.click(button);
    expect(onassign).toHaveBeenCalledOnce();
    await panel.rerender({ ...props, assigned: null, onassign });
    // The same button: whoever pressed it has the focus again.
    expect(screen.getByRole('button', { name: 'Assigned to Nobody' })).toBe(button);
    expect(button.querySelector('.avatar')).toBeNull();
  });

  it('is there at once, but nobody writes over notes that may be others by now', async () => {
    shown(null, { notes: 'Gate code 9', ago: 1 });
    expect([notes().value, notes().disabled]).toEqual(['Gate code 9', true]);
    await waitFor(() => expect([notes().value, notes().disabled]).toEqual(['Gate code 12', false]));
    cleanup();
    shown(null, { notes: 'Gate code 12', ago: 0 });
    expect([notes().value, notes().disabled]).toEqual(['Gate code 12', false]);
  });
});
