import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Backend, Command } from '../backend/backend';
import type { Health, Line } from '../backend/generated/desk';
import { lineCheckOf } from '../state/health.svelte';
import { Office } from '../state/office.svelte';
import Navigation from './Navigation.svelte';

beforeEach(() => {
  // Without a window there is nothing to keep out.
  vi.spyOn(HTMLDialogElement.prototype, 'showModal').mockImplementation(function (this: HTMLDialogElement) {
    this.open = true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  cleanup();
});

const main: Line = { id: 'm', number: '+14155550142', display: '(415) 555-0142', name: 'Main' };
const unnamed: Line = { id: 'u', number: '+14155550119', display: '(415) 555-0119', name: '' };

/** The navigation of an office with these lines, and what it asks for. */
function opened(lines: Line[], business_name = '') {
  const asked: (string | undefined)[] = [];
  const call = (command: Command, request: { line?: string }) => {
    if (command !== 'conversations') return Promise.resolve({});
    asked.push(request.line);
    const counts = { unread: request.line === 'u' ? 2 : 0, waiting: 0, missed: 0 };
    return Promise.resolve({
      ...{ conversations: [], total: 0, unread: 2, waiting: 0, missed: 0, unheard: 0 },
      ...{ counts, seq: 1 },
    });
  };
  const backend = { call, player: { listen: () => () => undefined } } as unknown as Backend;
  const office = new Office(backend, false);
  office.lines = { business_name, lines };
  render(Navigation, { office, door: null, onfind: () => undefined });
  return { office, asked };
}

const button = () => screen.getByRole('button', { name: /^Which line to show/ });
const options = () => screen.getAllByRole('option');
const said = () => options().map((one) => one.textContent.replace(/\s+/g, ' ').trim());
const chosen = () => options().find((one) => one.getAttribute('aria-selected') === 'true')?.id;
const press = (key: string) => fireEvent.keyDown(screen.getByRole('listbox'), { key });

describe('the line at the head of the navigation', () => {
  it('is only named where it is the only one', () => {
    opened([main], 'Bell & Daughter');
    expect(document.querySelector('.who')?.textContent).toMatch(/Bell & Daughter\s*\(415\) 555-0142/);
    expect(screen.queryByRole('button', { name: /^Which line/ })).toBeNull();
  });

  it('is chosen among several by keys alone, and named by what it is called', async () => {
    const { office, asked } = opened([main, unnamed], 'Bell & Daughter');
    expect(button().textContent).toContain('All lines');
    await fireEvent.click(button());
    expect(document.activeElement).toBe(screen.getByRole('listbox'));
    expect([button().getAttribute('aria-expanded'), chosen()]).toEqual(['true', 'line-all']);
    await press('ArrowDown');
    expect(chosen()).toBe('line-all');
    await press('Home');
    expect(chosen()).toBe('line-m');
    await press('ArrowDown');
    expect(screen.getByRole('listbox').getAttribute('aria-activedescendant')).toBe('line-u');
    await press('ArrowUp');
    await press('Enter');
    await waitFor(() => expect(asked.at(-1)).toBe('m'));
    expect([office.list.line, document.querySelector('dialog[open]')]).toEqual(['m', null]);
    expect(document.querySelector('.who')?.textContent).toMatch(/Bell & Daughter\s*Main/);

    await fireEvent.click(button());
    expect([chosen(), said()[0]]).toEqual(['line-m', 'Main (415) 555-0142 Shown now']);
    await fireEvent.click(screen.getByRole('option', { name: /All lines together/ }));
    expect(office.list.line).toBeNull();
  });

  it('says what waits on each, once that is known, and who answers it', async () => {
    const { office, asked } = opened([main, unnamed]);
    office.health = { elsewhere: ['(415) 555-0142'] } as Health;
    expect(asked).toEqual([]);
    await fireEvent.click(button());
    await waitFor(() => expect(said()[1]).toBe('(415) 555-0119 2'));
    expect(said()[0]).toBe('Main (415) 555-0142 Another computer answers');
    expect(options()[1]?.querySelector('[aria-label="2 unread"]')).not.toBeNull();
    expect(asked).toEqual(['m', 'u']);
    office.list.unread = 3;
    await waitFor(() => expect(asked).toEqual(['m', 'u', 'm', 'u']));
    expect(said()[2]).toBe('All lines together 3 Shown now');
  });

  it('closes beside it, and leads to where another is added', async () => {
    const { office } = opened([main, unnamed]);
    await fireEvent.click(button());
    const dialog = document.querySelector('dialog');
    await fireEvent.click(screen.getByRole('listbox'));
    expect(dialog?.open).toBe(true);
    if (dialog) await fireEvent.click(dialog);
    expect(dialog?.open).toBe(false);
    await fireEvent.click(button());
    await fireEvent.click(screen.getByRole('button', { name: 'Add a line' }));
    expect([office.section, office.settingsSection, lineCheckOf(office).part]).toEqual([
      'settings',
      'line',
      'numbers',
    ]);
  });
});
