import { cleanup, render, screen } from '@testing-library/svelte';
import { afterEach, expect, it } from 'vitest';
import type { Backend } from '../../backend/backend';
import type { Check, Settings } from '../../backend/generated/desk';
import { Office } from '../../state/office.svelte';
import { Guide } from '../../state/setup.svelte';
import Rules from './Rules.svelte';

afterEach(cleanup);

const check = (id: string, grade: Check['grade']): Check => ({
  id,
  title: `About ${id}`,
  grade,
  said: 'As it is.',
  why: `Why ${id} matters.`,
  hint: null,
  fix: null,
  details: [],
});
async function shown(checks: Check[]): Promise<string[]> {
  const backend = {
    call: () => Promise.resolve({ checks }),
    player: { listen: () => () => undefined },
  } as unknown as Backend;
  const office = new Office(backend, false);
  const spoken = { text: 'This is recorded.', recording: null };
  const settings = { calls: { greetings: { open: spoken, closed: spoken } } } as unknown as Settings;
  render(Rules, { office, settings, guide: new Guide(office) });
  await screen.findByRole('list', { name: 'Registrations' });
  return [...document.querySelectorAll<HTMLElement>('[data-check]')].map((row) => row.dataset['check'] ?? '');
}

it('are of registrations, and of what else stands in the way only while it does', async () => {
  expect(
    await shown([
      check('a2p', 'warn'),
      check('toll_free', 'pass'),
      check('sender_pool', 'pass'),
      check('geo', 'pass'),
    ]),
  ).toEqual(['a2p', 'toll_free']);
  expect(screen.getByText('Not in order yet')).toBeTruthy();
  // Why it matters is there for whoever asks.
  expect(screen.getByText('Why a2p matters.').closest('details')?.open).toBe(false);
  cleanup();
  expect(await shown([check('sender_pool', 'fail'), check('geo', 'warn'), check('disk', 'fail')])).toEqual([
    'sender_pool',
    'geo',
  ]);
});
