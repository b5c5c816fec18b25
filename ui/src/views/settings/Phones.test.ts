import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { afterEach, describe, expect, it } from 'vitest';
import type { Backend } from '../../backend/backend';
import type { Phone } from '../../backend/generated/desk';
import { Office } from '../../state/office.svelte';
import Phones from './Phones.svelte';

function shown(phones: Phone[]) {
  const office = new Office({ player: { listen: () => () => undefined } } as unknown as Backend, false);
  const view = render(Phones, {
    office,
    label: 'Phones',
    phones,
    region: 'US',
    onchange: async (next: Phone[]) => {
      await view.rerender({ phones: next });
      return null;
    },
  });
}
const button = (name: string) => screen.getByRole('button', { name });
/** Whoever goes by keys goes on from here. */
const atAdding = () => waitFor(() => expect(document.activeElement).toBe(button('Add a phone')));

describe('the phones that ring', () => {
  afterEach(cleanup);

  it('leave the focus at adding one more, however adding one ended', async () => {
    shown([]);
    await fireEvent.click(button('Add a phone'));
    expect(document.activeElement).toBe(screen.getByLabelText('Name'));
    await fireEvent.click(button('Cancel'));
    await atAdding();
    await fireEvent.click(button('Add a phone'));
    await fireEvent.input(screen.getByLabelText('Number'), { target: { value: '(415) 555-0107' } });
    await fireEvent.click(button('Add phone'));
    await atAdding();
    expect(screen.getByLabelText('Number 1')).toBeTruthy();
  });

  it('leave the focus there, too, where one is removed', async () => {
    shown([{ name: 'Nora', number: '+14155550107' }]);
    await fireEvent.click(button('Remove Nora'));
    await atAdding();
  });
});
