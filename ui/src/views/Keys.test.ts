import { cleanup, render } from '@testing-library/svelte';
import { afterEach, expect, it } from 'vitest';
import Keys from './Keys.svelte';

afterEach(cleanup);

it('name every key of the sections, each as a key and what lies between as a word', () => {
  render(Keys);
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
