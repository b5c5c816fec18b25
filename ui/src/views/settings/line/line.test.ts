import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { afterEach, describe, expect, it } from 'vitest';
import type { Desktop, TokenState } from '../../../backend/backend';
import type { AccountNumber } from '../../../backend/generated/desk';
import type { Office } from '../../../state/office.svelte';
import Forget from './Forget.svelte';
import NumberItem from './NumberItem.svelte';
import Token from './Token.svelte';

const press = async (name: string) => fireEvent.click(await screen.findByRole('button', { name }));
afterEach(cleanup);

describe('a number', () => {
  const number = (parts: Partial<AccountNumber>): AccountNumber => ({
    number: '+14155550142',
    display: '(415) 555-0142',
    name: null,
    texts: true,
    pictures: true,
    calls: true,
    used: true,
    answers: 'here',
    answers_at: null,
    overrides: [],
    restorable: true,
    ...parts,
  });
  function shown(one: AccountNumber) {
    const did: string[] = [];
    render(NumberItem, {
      office: {} as Office,
      number: one,
      plan: null,
      here: null,
      doing: false,
      busy: false,
      onuse: (used) => did.push(`use ${used}`),
      onsetup: () => did.push('set up'),
      onrestore: () => did.push('restore'),
    });
    return did;
  }

  it('can be given back what it had, also where nobody knows what would change', async () => {
    const did = shown(number({}));
    await press('Put back what was before');
    expect(did).toEqual(['restore']);
    expect(screen.queryByText(/It still comes here/)).toBeNull();
  });

  it('says that it still comes here where it was switched off, and offers what it had', async () => {
    const did = shown(number({ used: false }));
    expect(screen.getByText('It still comes here. Put back what was before?')).toBeTruthy();
    await press('Put back what was before');
    expect(did).toEqual(['restore']);
  });

  it('says what to do where nobody knows what it had', () => {
    shown(number({ used: false, restorable: false }));
    expect(screen.getByText('It still comes here.')).toBeTruthy();
    expect(screen.queryByRole('button', { name: 'Put back what was before' })).toBeNull();
  });

  it('says nothing more where it was left alone', () => {
    shown(number({ used: false, answers: 'demo', restorable: false }));
    expect(screen.queryByText(/still comes here/)).toBeNull();
  });
});

describe('the token', () => {
  function shown(asks: boolean, state: TokenState['state'] = 'one') {
    const did: [string, string | null][] = [];
    const as = (now: TokenState['state']): TokenState => ({
      state: now,
      since: null,
      can: true,
      why: null,
      asks_passphrase: asks,
    });
    const refused = { code: 'no', message: 'That passphrase doesn’t open it.', hint: 'Type it again.' };
    const desktop = {
      token: () => Promise.resolve(as(state)),
      rotateToken: (act: string, passphrase: string | null) => {
        did.push([act, passphrase]);
        if (asks && passphrase === 'wrong') return Promise.reject(refused as unknown as Error);
        return Promise.resolve(as(act === 'cancel' ? 'one' : 'two'));
      },
    } as unknown as Desktop;
    render(Token, { desktop, now: 0 });
    return did;
  }

  it('is replaced without a word where the safe keeps it', async () => {
    const did = shown(false);
    await press('Make a second token');
    expect(screen.queryByLabelText('Passphrase')).toBeNull();
    expect(did).toEqual([['begin', null]]);
  });

  it('asks for the passphrase that seals it, forgets it afterwards, and keeps a wrong one to be mended', async () => {
    const did = shown(true);
    const field = await screen.findByLabelText('Passphrase');
    await press('Make a second token');
    expect(did).toEqual([]);
    await fireEvent.input(field, { target: { value: 'wrong' } });
    await press('Make a second token');
    expect((await screen.findByRole('alert')).textContent).toContain('That passphrase doesn’t open it.');
    expect(field).toHaveProperty('value', 'wrong');
    await fireEvent.input(field, { target: { value: ' correct horse ' } });
    await press('Make a second token');
    expect(did.at(-1)).toEqual(['begin', ' correct horse ']);
    expect(await screen.findByText('A second token is ready; both are taken.')).toBeTruthy();
    expect(await screen.findByLabelText('Passphrase')).toHaveProperty('value', '');
  });

  it('asks for none to do away with the second one', async () => {
    const did = shown(true, 'two');
    await press('Do away with the second token');
    expect(did).toEqual([['cancel', null]]);
  });
});

describe('disconnecting', () => {
  it('is asked about, and says what was refused', async () => {
    let refuses = true;
    let gone = 0;
    const refused = { code: 'no', message: 'Your password safe is locked.', hint: 'Unlock it.' };
    const disconnect = () =>
      refuses ? Promise.reject(refused as unknown as Error) : Promise.resolve(void gone++);
    const nothing = () => undefined;
    const { container } = render(Forget, { door: { leave: nothing, anew: nothing, disconnect } });
    await press('Disconnect and forget the token');
    const dialog = container.querySelector('dialog');
    expect([dialog?.open, gone]).toEqual([true, 0]);
    const sure = () => [...(dialog?.querySelectorAll('button') ?? [])].at(-1) as HTMLButtonElement;
    await fireEvent.click(sure());
    expect((await screen.findByRole('alert')).textContent).toContain('Your password safe is locked.');
    refuses = false;
    await fireEvent.click(sure());
    await waitFor(() => expect(gone).toBe(1));
  });
});
