import { cleanup, fireEvent, render, screen, within } from '@testing-library/svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Week } from '../../backend/generated/desk';
import { weekdays } from './hours';
import WeekGrid from './WeekGrid.svelte';

const day = (from: string, to: string) => [{ from, to }];
const week = (own: Partial<Week>): Week =>
  Object.fromEntries(weekdays.map((one) => [one, own[one] ?? []])) as Week;

/** A grid whose hours are kept, or refused. */
function grid(own: Partial<Week>, kept = true) {
  const onchange = vi.fn<(week: Week, lost: string | null) => Promise<boolean>>(() => Promise.resolve(kept));
  render(WeekGrid, { week: week(own), local: '2026-11-20T09:52', onchange });
  return onchange;
}
const block = (name: string | RegExp) => screen.getByRole('button', { name });
/** Spaces of every kind are one. */
const said = (text: string) => new RegExp(text.replaceAll(' ', '\\s'));

describe('the week', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => {
    cleanup();
    vi.useRealTimers();
  });

  it('says each block, each closed day, and what goes on from the day before', () => {
    grid({ friday: day('18:00', '02:00') });
    expect(block(said('^Friday, 6 PM to 2 AM the next day$'))).toBeTruthy();
    expect(screen.getByRole('group', { name: 'Sunday, closed' })).toBeTruthy();
    expect(
      screen.getByRole('group', { name: said('^Saturday, closed. From Friday, until 2 AM$') }),
    ).toBeTruthy();
  });

  it('moves a block with the arrows and keeps it after a pause', async () => {
    const onchange = grid({ monday: day('08:00', '12:00') });
    const button = block(said('^Monday, 8 AM to 12 PM$'));
    for (const more of [{}, { shiftKey: true }, { altKey: true }]) {
      await fireEvent.keyDown(button, { key: 'ArrowRight', ...more });
    }
    expect(button.textContent).toMatch(said('Monday, 8:30 AM to 12:30 PM'));
    expect(onchange).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(onchange.mock.calls).toEqual([[week({ monday: day('08:30', '12:30') }), null]]);
  });

  it('makes one of two that meet, and stays there', async () => {
    const onchange = grid({ monday: [...day('08:00', '12:00'), ...day('12:15', '17:00')] });
    const button = block(said('^Monday, 8 AM to 12 PM$'));
    button.focus();
    await fireEvent.keyDown(button, { key: 'ArrowRight', shiftKey: true });
    await fireEvent.blur(button);
    await vi.advanceTimersByTimeAsync(0);
    expect(onchange.mock.calls[0]?.[0].monday).toEqual(day('08:00', '17:00'));
    expect(document.activeElement).toBe(block(said('^Monday, 8 AM to 5 PM$')));
  });

  it('removes a block, and says what is gone', async () => {
    const onchange = grid({ monday: day('08:00', '12:00') });
    await fireEvent.keyDown(block(said('^Monday, 8 AM')), { key: 'Delete' });
    expect(onchange.mock.calls[0]?.[0].monday).toEqual([]);
    expect(onchange.mock.calls[0]?.[1]).toMatch(said('Monday, 8 AM to 12 PM removed.'));
    expect(screen.getByRole('status').textContent).toMatch(/removed/);
  });

  it('shows what is kept where a change is refused', async () => {
    grid({ monday: day('08:00', '12:00') }, false);
    await fireEvent.keyDown(block(said('^Monday, 8 AM')), { key: 'Delete' });
    await vi.advanceTimersByTimeAsync(0);
    expect(block(said('^Monday, 8 AM'))).toBeTruthy();
  });

  it('has every hour typed instead', async () => {
    const onchange = grid({ monday: day('08:00', '12:00') });
    await fireEvent.click(block(said('^Monday, 8 AM')));
    const editor = within(screen.getByRole('group', { name: 'Hours of Monday' }));
    const field = editor.getByLabelText<HTMLInputElement>('Closes, 1');
    await fireEvent.change(field, { target: { value: 'x' } });
    expect(editor.getByRole('alert').textContent).toMatch(/Type a time/);
    await fireEvent.change(field, { target: { value: '5' } });
    expect(editor.queryByRole('alert')).toBeNull();
    expect(onchange.mock.lastCall?.[0].monday).toEqual(day('08:00', '17:00'));
    await fireEvent.click(editor.getByRole('button', { name: 'Copy to weekdays' }));
    const all = onchange.mock.lastCall?.[0];
    expect([all?.friday, all?.saturday]).toEqual([day('08:00', '17:00'), []]);
    await fireEvent.click(editor.getByRole('button', { name: '24 hours' }));
    expect(onchange.mock.lastCall?.[0].monday).toEqual(day('00:00', '24:00'));
  });

  it('offers hours on a closed day', async () => {
    const onchange = grid({});
    await fireEvent.click(block('Add hours on Sunday'));
    expect(onchange.mock.calls[0]?.[0].sunday).toEqual(day('09:00', '17:00'));
    expect(document.activeElement).toBe(screen.getByLabelText('Opens, 1'));
  });
});
