import { cleanup, render } from '@testing-library/svelte';
import { afterEach, expect, it } from 'vitest';
import SearchField from './SearchField.svelte';

afterEach(cleanup);

const props = {
  value: '',
  label: 'Search',
  clear: 'Clear',
  oninput: () => undefined,
  onkeydown: () => undefined,
};
const leads = ['role', 'aria-expanded', 'aria-controls', 'aria-activedescendant'];

it('says what it leads through, where it is told', async () => {
  const { container, rerender } = render(SearchField, props);
  const said = () => leads.map((name) => container.querySelector('input')?.getAttribute(name));
  expect(said()).toEqual([null, null, null, null]);
  await rerender({ role: 'combobox', 'aria-expanded': false });
  expect(said()).toEqual(['combobox', 'false', null, null]);
  await rerender({ 'aria-expanded': true, 'aria-controls': 'found', 'aria-activedescendant': 'found-0' });
  expect(said()).toEqual(['combobox', 'true', 'found', 'found-0']);
});
