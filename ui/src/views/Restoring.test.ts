import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { afterEach, describe, expect, it } from 'vitest';
import type { Front } from '../backend/backend';
import type { DataBackup } from '../backend/generated/desk';
import Restoring from './Restoring.svelte';
import Welcome from './Welcome.svelte';

const backup = (name: string, hours: number, more: Partial<DataBackup> = {}): DataBackup => ({
  name,
  at: Date.now() - hours * 3_600_000,
  bytes: 1_000_000,
  sealed: false,
  reason: 'daily',
  verified_at: null,
  problem: null,
  ...more,
});
const refusal = {
  code: 'wrong_code',
  message: 'That code doesn’t open it.',
  hint: 'Use the one in force then.',
};

function shown(found: DataBackup[], refused = false) {
  const asked: unknown[] = [];
  let changes = 0;
  const front = {
    backupsFound: (folder?: string) => {
      if (folder !== undefined) asked.push(folder);
      return Promise.resolve(found);
    },
    restore: (name: string, code: string | null, folder?: string) => {
      asked.push(folder === undefined ? [name, code] : [name, code, folder]);
      return refused ? Promise.reject(refusal as unknown as Error) : Promise.resolve();
    },
    leave: (again: boolean) => {
      asked.push(again);
      return Promise.resolve();
    },
  } as unknown as Front;
  const onchange = () => {
    changes += 1;
    return Promise.resolve();
  };
  return { asked, front, onchange, changes: () => changes };
}
const press = (name: string) => fireEvent.click(screen.getByRole('button', { name }));

describe('a damaged start', () => {
  afterEach(cleanup);

  it('offers the newest whole backup first, and brings it back', async () => {
    const start = shown([backup('new', 1, { problem: 'It is cut off.' }), backup('good', 3)]);
    const trouble = { kind: 'damaged', detail: 'Page 3.' } as const;
    render(Welcome, { ...start, trouble, known: true, openLink: () => Promise.resolve() });
    expect(await screen.findByText('3 hours old')).toBeTruthy();
    expect(screen.getByText('Page 3.')).toBeTruthy();
    expect(screen.queryByLabelText('Recovery code')).toBeNull();
    await press('Bring back this backup');
    await waitFor(() => expect(start.changes()).toBe(1));
    expect(start.asked).toEqual([['good', null]]);
  });

  it('takes another one, with its code where it is sealed', async () => {
    const start = shown([backup('new', 1), backup('old', 30, { sealed: true })], true);
    render(Restoring, { ...start, detail: '' });
    await screen.findByText('60 minutes old');
    await press('Choose another backup');
    await fireEvent.click(screen.getAllByRole('radio')[1] as HTMLElement);
    expect(screen.getByText('The backup you chose')).toBeTruthy();
    await press('Bring back this backup');
    expect((await screen.findByRole('alert')).textContent).toContain('Type the recovery code first.');
    expect([start.asked, start.changes()]).toEqual([[], 0]);
    await fireEvent.input(screen.getByLabelText('Recovery code'), { target: { value: 'abc' } });
    await press('Bring back this backup');
    await waitFor(() =>
      expect(screen.getByRole('alert').textContent).toContain('That code doesn’t open it.'),
    );
    expect(start.asked).toEqual([['old', 'abc']]);
    expect(screen.getByLabelText('Recovery code')).toHaveProperty('value', 'abc');
  });

  it('says what to do where nothing was found', async () => {
    const start = shown([]);
    render(Restoring, { ...start, detail: '' });
    expect(await screen.findByText('No backup was found')).toBeTruthy();
    await press('Try to open it again');
    await waitFor(() => expect(start.changes()).toBe(1));
    expect(start.asked).toEqual([true]);
  });
});

describe('a computer that keeps nothing yet', () => {
  afterEach(cleanup);
  const first = { trouble: null, known: false, openLink: () => Promise.resolve() };
  const name = async (folder: string) => {
    await fireEvent.input(await screen.findByLabelText('Folder the backups are in'), {
      target: { value: folder },
    });
    await press('Look for backups');
  };

  it('brings back a backup of a folder somebody names, and goes on to the account', async () => {
    const start = shown([backup('good', 3)]);
    render(Welcome, { ...start, ...first });
    await press('Bring back a backup');
    await name('backups');
    expect((await screen.findByRole('alert')).textContent).toContain('That is not a full path.');
    expect(start.asked).toEqual([]);
    await name(' /media/disk ');
    expect(await screen.findByText('3 hours old')).toBeTruthy();
    expect(screen.queryByRole('button', { name: 'Try to open it again' })).toBeNull();
    await press('Bring back this backup');
    await screen.findByRole('heading', { name: 'Your data is back' });
    expect(start.asked).toEqual(['/media/disk', ['good', null, '/media/disk']]);
    expect(start.changes()).toBe(1);
    await press('Connect the account');
    expect(screen.getByLabelText('Account SID')).toBeTruthy();
  });

  it('looks in another folder where nothing was found, and goes back', async () => {
    const start = shown([]);
    render(Welcome, { ...start, ...first });
    await press('Bring back a backup');
    await name('/media/disk');
    expect(await screen.findByText('No backup was found')).toBeTruthy();
    await press('Look in another folder');
    expect(screen.getByLabelText('Folder the backups are in')).toHaveProperty('value', '/media/disk');
    await press('Back');
    expect(screen.getByRole('button', { name: 'Bring back a backup' })).toBeTruthy();
  });

  it('offers none where an account was connected', () => {
    render(Welcome, { ...shown([]), ...first, known: true });
    expect(screen.queryByRole('button', { name: 'Bring back a backup' })).toBeNull();
  });
});
