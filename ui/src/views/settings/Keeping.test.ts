import { cleanup, fireEvent, render, screen, waitFor, within } from '@testing-library/svelte';
import { afterEach, describe, expect, it } from 'vitest';
import type { Command } from '../../backend/backend';
import type { Keep, Settings } from '../../backend/generated/desk';
import type { Office } from '../../state/office.svelte';
import Keeping from './Keeping.svelte';

const forever: Keep = {
  texts_days: null,
  calls_days: null,
  voicemails_days: null,
  delete_at_twilio: false,
  delete_recordings_at_twilio: false,
};

/** Settings whose shortest time deletes so many texts, and what was kept. */
function keeping(kept: Partial<Keep>, texts: number) {
  const tried: unknown[] = [];
  const patches: unknown[] = [];
  const settings = { keep: { ...forever, ...kept } } as Settings;
  const call = (command: Command, request: { keep?: Keep }) => {
    if (command === 'retention') {
      tried.push(request.keep);
      const items = [{ kind: 'texts', count: texts, oldest: null, at_twilio: 0 }];
      return Promise.resolve({ items, held: 2 });
    }
    patches.push(request.keep);
    return Promise.resolve(settings);
  };
  const change = (patch: { keep: Keep }) => {
    patches.push(patch.keep);
    return Promise.resolve(true);
  };
  const office = { backend: { call }, change, settings } as unknown as Office;
  render(Keeping, { office, settings });
  return { tried, patches };
}
const texts = () => within(screen.getByRole('group', { name: 'Keep texts' }));
const press = (name: string) => fireEvent.click(screen.getByRole('button', { name }));

describe('keeping', () => {
  afterEach(cleanup);

  it('asks with the numbers before anything goes, and takes no for an answer', async () => {
    const { tried, patches } = keeping({}, 214);
    await fireEvent.click(texts().getByRole('button', { name: 'For a time' }));
    expect(screen.getByText('Kept for ever until you choose.')).toBeTruthy();
    await press('90 days');
    await waitFor(() => expect(screen.getByRole('heading', { name: 'Delete 214 texts?' })).toBeTruthy());
    expect(screen.getByText('2 conversations are kept whatever happens.')).toBeTruthy();
    await press('Keep everything');
    expect([tried, patches]).toEqual([[{ ...forever, texts_days: 90 }], []]);
    await press('90 days');
    await waitFor(() => expect(tried.length).toBe(2));
    await waitFor(() => expect(screen.getByRole('button', { name: 'Delete them for good' })).toBeTruthy());
    await press('Delete them for good');
    expect(patches).toEqual([{ texts_days: 90 }]);
  });

  it('asks nothing where nothing goes, and says so', async () => {
    const { patches } = keeping({}, 0);
    await fireEvent.click(texts().getByRole('button', { name: 'For a time' }));
    await press('2 years');
    await waitFor(() => expect(screen.getByText(/^Nothing would be deleted now\./)).toBeTruthy());
    expect(patches).toEqual([{ texts_days: 730 }]);
  });

  it('keeps more at once', async () => {
    const { tried, patches } = keeping({ texts_days: 90 }, 214);
    await fireEvent.click(texts().getByRole('button', { name: 'Keep for ever' }));
    await waitFor(() => expect(patches).toEqual([{ texts_days: null }]));
    expect(tried).toEqual([]);
  });

  it('takes no fewer than seven days', async () => {
    const { tried } = keeping({ texts_days: 90 }, 0);
    const field = screen.getByLabelText<HTMLInputElement>('Texts, days');
    await fireEvent.input(field, { target: { value: '3' } });
    await fireEvent.change(field);
    expect(screen.getByRole('alert').textContent).toBe('A number of days, at least 7.');
    expect(tried).toEqual([]);
  });

  it('tells what would go by the settings as they are', async () => {
    const { tried } = keeping({ texts_days: 90 }, 3);
    await press('Check what would go');
    await waitFor(() =>
      expect(
        screen.getByText('This would delete 3 texts. 2 conversations are kept whatever happens.'),
      ).toBeTruthy(),
    );
    expect(tried).toEqual([null]);
  });

  it('asks before recordings go at Twilio, however few they are now', async () => {
    const { patches } = keeping({}, 0);
    await fireEvent.click(
      screen.getByRole('switch', { name: 'Delete recordings at Twilio once a copy is safe here' }),
    );
    await waitFor(() =>
      expect(screen.getByRole('heading', { name: 'Delete recordings at Twilio?' })).toBeTruthy(),
    );
    expect(patches).toEqual([]);
    await press('Delete them for good');
    expect(patches).toEqual([{ delete_recordings_at_twilio: true }]);
  });
});
