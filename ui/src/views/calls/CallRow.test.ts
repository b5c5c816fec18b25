import { cleanup, fireEvent, render, screen } from '@testing-library/svelte';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Call } from '../../backend/generated/desk';
import { setShowRecord } from '../health/record';
import CallRow from './CallRow.svelte';

const helen = {
  id: 'h',
  conversation: 'c',
  customer: '+14155550161',
  with: '(415) 555-0161',
  name: 'Helen Okafor',
  kind: 'number',
  incoming: true,
  ending: 'voicemail',
  missed: true,
  live: false,
  at: new Date(2026, 10, 21, 12).getTime(),
  legs: [],
  reasons: [],
  plan: null,
  failure: null,
} as unknown as Call;

const record = vi.fn();
/** The row where Twilio's records can be shown. */
const Placed: typeof CallRow = (...place) => {
  setShowRecord(record);
  return CallRow(...place);
};

function shown(more: Partial<Call> = {}, open = false) {
  const call = { ...helen, ...more };
  const acts = { callBack: vi.fn(), text: vi.fn(), open: vi.fn(), listen: vi.fn(), block: vi.fn() };
  const row = { type: 'call' as const, key: 'h', call, group: [call], spread: false, inside: false };
  const place = { place: 2, region: 'US', lined: false, current: true, wanted: false };
  const act = () => undefined;
  const does = { acts, onopen: act, onspread: act, onfocus: act };
  render(Placed, { props: { row, ...place, open, ...does }, context: new Map() });
  return acts;
}
const names = () => screen.getAllByRole('button').map((one) => one.getAttribute('aria-label') ?? '');

describe('a row of the log', () => {
  afterEach(cleanup);

  it('leads to what was left, and otherwise back to whoever called', async () => {
    const acts = shown();
    await fireEvent.click(screen.getByRole('button', { name: 'Listen to the voicemail from Helen Okafor' }));
    expect(acts.listen).toHaveBeenCalledOnce();
    expect(names()).not.toContain('Call back Helen Okafor');
    cleanup();
    const { callBack } = shown({ ending: 'hung_up_ringing' });
    await fireEvent.click(screen.getByRole('button', { name: 'Call back Helen Okafor' }));
    expect(callBack).toHaveBeenCalledOnce();
  });

  it('says once what can be done where it is open, and keeps the record out of the way', async () => {
    const acts = shown({}, true);
    expect(names().filter((name) => /Call back|Listen/.test(name))).toEqual([]);
    await fireEvent.click(screen.getByRole('button', { name: 'Call back' }));
    await fireEvent.click(screen.getByRole('button', { name: 'Listen' }));
    expect([acts.callBack.mock.calls.length, acts.listen.mock.calls.length]).toEqual([1, 1]);
    const details = screen.getByText('Details').closest('details');
    expect(details?.open).toBe(false);
    const button = [...(details?.querySelectorAll('button') ?? [])];
    expect(button.map((one) => one.textContent)).toEqual(['Twilio’s record…']);
    await fireEvent.click(button[0] as HTMLElement);
    expect(record.mock.calls).toEqual([[{ call: 'h' }]]);
  });
});
