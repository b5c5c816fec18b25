import { cleanup, render } from '@testing-library/svelte';
import { afterEach, expect, it } from 'vitest';
import type { Backend } from '../backend/backend';
import { Office } from '../state/office.svelte';
import { actsOf, type Does, type Shows } from './find';
import Keys from './Keys.svelte';

afterEach(cleanup);

it('name every key of the sections, each as a key and what lies between as a word', () => {
  render(Keys, { kept: false });
  const rows = [...document.querySelectorAll('dl div')];
  const sections = rows.find((row) => row.querySelector('dd')?.textContent.startsWith('Inbox'));
  const keys = [...(sections?.querySelectorAll('kbd') ?? [])].map((key) => key.textContent);
  expect(keys.slice(1)).toEqual(['1', '5']);
  expect(sections?.querySelector('dt span')?.textContent).toBe('to');
  expect(sections?.querySelector('dd')?.textContent).toBe('Inbox, Calls, Voicemail, Line check-up, Settings');
  const all = new Set([...document.querySelectorAll('kbd')].map((key) => key.textContent));
  for (const key of [',', 'K', 'J', 'N', 'R', '/', 'C', 'E', 'A', 'U', 'I', 'Z', '?', 'Esc', 'Space', 'Del'])
    expect(all, key).toContain(key);
});

it('say of a note how to begin one where the browser keeps its key to itself', () => {
  const told = (kept: boolean) => {
    render(Keys, { kept });
    const row = [...document.querySelectorAll('dl div')].find((one) =>
      one.textContent.includes('Internal note'),
    );
    const parts = [...(row?.querySelectorAll('kbd, span') ?? [])].map((one) => one.textContent).slice(1);
    cleanup();
    return parts;
  };
  expect(told(false)).toEqual(['Shift', 'N']);
  expect(told(true)).toEqual(['K', '“note”']);
});

it('stand beside a note that is found only where they begin one', () => {
  const found = (desktop: object | null) => {
    const player = { listen: () => () => undefined };
    const office = new Office({ desktop, player } as unknown as Backend, true);
    office.openId = 'a';
    return actsOf(office, {} as Does, {} as Shows).find(({ said }) => said.toLowerCase().includes('note'));
  };
  expect(found({})?.keys).toContain('Shift N');
  expect([found(null)?.said, found(null)?.keys]).toEqual(['Write a note in this conversation', undefined]);
});
