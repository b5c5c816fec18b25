import { cleanup, render } from '@testing-library/svelte';
import { afterEach, expect, it } from 'vitest';
import type { Backend } from '../backend/backend';
import { Office } from '../state/office.svelte';
import Dialogs from './Dialogs.svelte';
import type { Does } from './find';

afterEach(cleanup);

it('come while somebody writes, and take nothing from them', async () => {
  const backend = {
    call: () => Promise.resolve({}),
    player: { listen: () => () => undefined },
  } as unknown as Backend;
  const field = document.body.appendChild(document.createElement('input'));
  field.focus();
  const taken: EventTarget[] = [];
  field.addEventListener('blur', ({ target }) => target && taken.push(target));
  render(Dialogs, {
    office: new Office(backend, true),
    desktop: null,
    does: {} as Does,
    onleave: () => undefined,
    onopen: () => undefined,
    ontext: () => undefined,
  });
  await Promise.resolve();
  expect(document.querySelectorAll('dialog').length).toBeGreaterThan(5);
  expect(taken).toEqual([]);
  expect(document.activeElement).toBe(field);
  field.remove();
});
