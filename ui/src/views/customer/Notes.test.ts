import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Backend } from '../../backend/backend';
import { Office } from '../../state/office.svelte';
import Notes from './Notes.svelte';
import { unsavedNotes } from './unsaved';

/** A window, and how saving notes ends in it. */
function desk() {
  const backend = { player: { listen: () => () => undefined } } as unknown as Backend;
  const office = new Office(backend, false);
  const end = { kept: false };
  const onsave = vi.fn<(notes: string) => Promise<boolean>>(() => Promise.resolve(end.kept));
  const shown = (stored: string, sure = true) => {
    const props = { office, conversation: 'a', stored, sure, onsave };
    const { rerender, unmount } = render(Notes, props);
    const tells = (stored: string) => rerender({ ...props, stored, sure: true });
    return { tells, unmount };
  };
  return { office, end, onsave, shown };
}
const notes = () => screen.getByRole<HTMLTextAreaElement>('textbox', { name: 'Notes' });
const type = (value: string) => fireEvent.input(notes(), { target: { value } });
const unsaved = () => screen.findByText('These notes aren’t saved yet.');

/** Somebody whose notes could not be saved, and who looks elsewhere now. */
async function leaves(them: ReturnType<typeof desk>) {
  const { unmount } = them.shown('Gate code 12');
  await type('Gate code 15');
  await fireEvent.change(notes());
  await unsaved();
  unmount();
  await Promise.resolve();
  them.onsave.mockClear();
  them.end.kept = true;
}

describe('notes that could not be saved', () => {
  afterEach(cleanup);

  it('are saved when somebody comes back, where what they change is as it was', async () => {
    const them = desk();
    await leaves(them);
    const { tells } = them.shown('Gate code 12', false);
    await Promise.resolve();
    // It may be others by now.
    expect(them.onsave).not.toHaveBeenCalled();
    await tells('Gate code 12');
    await waitFor(() => expect(unsavedNotes(them.office).size).toBe(0));
    expect(them.onsave.mock.calls).toEqual([['Gate code 15']]);
    expect([notes().value, screen.queryByText(/aren’t saved/)]).toEqual(['Gate code 15', null]);
  });

  it('are not written over newer ones unless the owner says so', async () => {
    const them = desk();
    await leaves(them);
    const { unmount } = them.shown('Gate code 12', false);
    // Whoever only passes by does not know of others.
    unmount();
    const { tells } = them.shown('Gate code 12', false);
    await tells('Gate code 14\nDog');
    await unsaved();
    expect(screen.getByText(/^Saved since then: Gate code 14/)).toBeTruthy();
    expect(notes().value).toBe('Gate code 15');
    await type('Gate code 16');
    await fireEvent.change(notes());
    cleanup();
    them.shown('Gate code 14\nDog');
    await unsaved();
    expect(them.onsave).not.toHaveBeenCalled();
    await fireEvent.click(screen.getByRole('button', { name: 'Save notes' }));
    await waitFor(() => expect(screen.queryByText(/aren’t saved/)).toBeNull());
    expect(them.onsave.mock.calls).toEqual([['Gate code 16']]);
    expect(unsavedNotes(them.office).size).toBe(0);
  });

  it('are not written over newer ones while they stay on the screen, either', async () => {
    const them = desk();
    const { tells } = them.shown('Gate code 12');
    await type('Gate code 15');
    await fireEvent.change(notes());
    await unsaved();
    them.end.kept = true;
    await tells('');
    await screen.findByText('They were emptied since then.');
    await fireEvent.change(notes());
    expect(them.onsave).toHaveBeenCalledOnce();
    // What is typed may be what is stored, too.
    await type('');
    await fireEvent.change(notes());
    await waitFor(() => expect(screen.queryByText(/aren’t saved/)).toBeNull());
    cleanup();
    expect(them.onsave).toHaveBeenCalledOnce();
    expect(unsavedNotes(them.office).size).toBe(0);
  });

  it('are not saved again where they came through all the same', async () => {
    const them = desk();
    await leaves(them);
    them.shown('Gate code 15');
    await waitFor(() => expect(unsavedNotes(them.office).size).toBe(0));
    expect(them.onsave).not.toHaveBeenCalled();
    expect(screen.queryByText(/aren’t saved/)).toBeNull();
  });
});
