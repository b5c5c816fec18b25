import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { afterEach, describe, expect, it } from 'vitest';
import type { Backend, Command } from '../../backend/backend';
import { Office } from '../../state/office.svelte';
import CustomerData from './CustomerData.svelte';
import { unsavedNotes } from './unsaved';

const contents = { conversations: 2, texts: 200, calls: 9, voicemails: 3, files: 0, notes: 2, at_twilio: 5 };

function shown(held: boolean, refused = false) {
  const asked: [Command, unknown][] = [];
  const backend = {
    call: async (command: Command, request: unknown) => {
      asked.push([command, request]);
      if (command === 'customer_contents') return contents;
      if (command === 'export_conversation')
        return { path: '/x/Maria.html', texts: 1, calls: 0, voicemails: 0, files: 0, bytes: 9_000 };
      if (command === 'conversations') return { seq: 1, conversations: [], total: 0 };
      if (refused) throw { code: 'still_sending', message: 'A text may be on its way.', hint: 'Wait.' };
      return contents;
    },
    desktop: {},
    player: { listen: () => () => undefined },
  } as unknown as Backend;
  const office = new Office(backend, false);
  render(CustomerData, { office, conversation: 'c', who: 'Maria', held });
  return { asked, office };
}
const press = (name: string) => fireEvent.click(screen.getByRole('button', { name }));

describe('the data of a customer', () => {
  afterEach(cleanup);

  it('goes for good after its numbers were shown, at Twilio only where that is ticked', async () => {
    const { asked, office } = shown(false);
    unsavedNotes(office).set('c', { words: 'Gate code 12', over: '', going: null });
    await press('Delete this customer');
    await screen.findByText('200 texts');
    expect(screen.getByText(/exports and damaged data that was set aside still hold them/)).toBeTruthy();
    await fireEvent.click(screen.getByRole('checkbox', { name: /Also at Twilio/ }));
    await press('Delete Maria and 214 items');
    await waitFor(() => expect(office.undoable?.said).toContain('Everything of Maria is deleted'));
    expect(asked).toContainEqual(['delete_customer', { conversation: 'c', at_twilio: true }]);
    await waitFor(() => expect(unsavedNotes(office).size).toBe(0));
  });

  it('says why it cannot go now, and keeps asking', async () => {
    const { office } = shown(false, true);
    await press('Delete this customer');
    await screen.findByText('200 texts');
    await press('Delete Maria and 214 items');
    expect((await screen.findByRole('alert')).textContent).toMatch(/A text may be on its way\.\s*Wait\./);
    expect(office.undoable).toBeNull();
    expect(screen.getByRole('button', { name: 'Delete Maria and 214 items' })).toBeTruthy();
  });

  it('stays where it is on hold', async () => {
    const { asked } = shown(true);
    expect(screen.getByText(/Turn it off first/)).toBeTruthy();
    await press('Delete this customer');
    expect(asked).toEqual([]);
  });

  it('is written as a page or as a table', async () => {
    const { asked } = shown(false);
    await press('Export as a page');
    expect(await screen.findByText('/x/Maria.html')).toBeTruthy();
    await press('Export as a table');
    await waitFor(() => expect(asked.length).toBe(2));
    expect(asked.map(([, request]) => request)).toEqual([
      { conversation: 'c', format: 'html' },
      { conversation: 'c', format: 'csv' },
    ]);
  });
});
