import { cleanup, fireEvent, render, screen, waitFor, within } from '@testing-library/svelte';
import { afterEach, describe, expect, it } from 'vitest';
import type { Backend, Command } from '../../../backend/backend';
import type { DataBackup, DataBackups, Settings } from '../../../backend/generated/desk';
import { Office } from '../../../state/office.svelte';
import YourData from './YourData.svelte';

const CODE = '7K2QM-9XW4T-B6HJD-0RPVZ-8NCE3-5YA';
const backup = (name: string, more: Partial<DataBackup> = {}): DataBackup => ({
  name,
  at: Date.now() - 3_600_000,
  bytes: 214_300_000,
  sealed: true,
  reason: 'daily',
  verified_at: null,
  problem: null,
  ...more,
});

/**
 * The part of the settings, with backups as they are, and what the office was asked. `after`: how they are once a
 * folder was set; or it is refused.
 */
async function shown(known: Partial<DataBackups>, { practice = false, after = {}, refused = false } = {}) {
  const asked: [Command, unknown][] = [];
  const now: DataBackups = {
    running: false,
    folder: '/data/backups',
    chosen: false,
    backups: [],
    sealed: false,
    problem: null,
    hint: null,
    next_at: null,
    ...known,
  };
  const settings = { backups: { daily: true, folder: null } } as Settings;
  const answers: Partial<Record<Command, () => unknown>> = {
    data_backups: () => ({ ...now }),
    new_recovery_code: () => ({ code: CODE }),
    use_recovery_code: () => Object.assign(now, { sealed: true, backups: [backup('a')] }),
    verify_backup: () => now,
    apply_settings: () => {
      if (refused) throw { code: 'backup_folder', message: 'It isn’t there.', hint: 'Connect the disk.' };
      Object.assign(now, after);
      return settings;
    },
    export_everything: () => ({ path: '/x/all', texts: 2, calls: 0, voicemails: 0, files: 0, bytes: 9_000 }),
  };
  const backend = {
    call: async (command: Command, request: unknown) => {
      asked.push([command, request]);
      return answers[command]?.();
    },
    desktop: null,
    player: { listen: () => () => undefined },
  } as unknown as Backend;
  const office = new Office(backend, practice);
  render(YourData, { office, settings });
  await screen.findByRole('button', { name: 'Export everything' });
  if (!practice) await screen.findByText('Back up every day');
  const of = (command: Command) => asked.filter(([one]) => one === command).map(([, request]) => request);
  return { of };
}
const press = (name: string | RegExp) => fireEvent.click(screen.getByRole('button', { name }));

describe('your data', () => {
  afterEach(cleanup);

  it('says where there is no backup yet, and why the last one was not made', async () => {
    await shown({ problem: 'There is no room.', hint: 'Make some.' });
    expect(screen.getByText('No backup yet')).toBeTruthy();
    expect(screen.getByRole('alert').textContent).toContain('There is no room.');
    expect(screen.queryByText('All backups')).toBeNull();
  });

  it('switches the daily one', async () => {
    const { of } = await shown({});
    await fireEvent.click(screen.getByRole('switch', { name: 'Back up every day' }));
    expect(of('apply_settings')).toEqual([{ backups: { daily: false } }]);
  });

  it('wants a recovery code before another folder is used, and says why', async () => {
    const { of } = await shown({});
    await press('Choose another folder');
    expect(screen.getByText('Set a recovery code first')).toBeTruthy();
    expect(screen.queryByLabelText('Another folder')).toBeNull();
    expect(of('apply_settings')).toEqual([]);
  });

  it('takes a whole path only', async () => {
    const { of } = await shown({ sealed: true });
    await press('Choose another folder');
    const field = screen.getByLabelText('Another folder');
    await fireEvent.input(field, { target: { value: 'backups' } });
    await press('Keep backups there');
    expect(screen.getByRole('alert').textContent).toContain('Type the full path');
    await fireEvent.input(field, { target: { value: '/media/disk' } });
    await press('Keep backups there');
    await waitFor(() => expect(of('apply_settings')).toEqual([{ backups: { folder: '/media/disk' } }]));
  });

  it('tells beside the folder what came of the backup made there, once', async () => {
    const after = { folder: '/media/disk', chosen: true, problem: 'The disk is full.', hint: 'Make room.' };
    await shown({ sealed: true }, { after });
    await press('Choose another folder');
    await fireEvent.input(screen.getByLabelText('Another folder'), { target: { value: '/media/disk' } });
    await press('Keep backups there');
    expect(await screen.findByText(/the first couldn’t be made yet/)).toBeTruthy();
    expect(screen.getAllByRole('alert').map((alert) => alert.textContent)).toEqual([
      expect.stringMatching(/The disk is full\.\s*Make room\./),
    ]);
  });

  it('says why a folder is not taken, and leaves what was typed', async () => {
    await shown({ sealed: true }, { refused: true });
    await press('Choose another folder');
    const field = screen.getByLabelText<HTMLInputElement>('Another folder');
    await fireEvent.input(field, { target: { value: '/media/disk' } });
    await press('Keep backups there');
    expect((await screen.findByRole('alert')).textContent).toMatch(/It isn’t there\.\s*Connect the disk\./);
    expect(field.value).toBe('/media/disk');
    expect(screen.queryByText(/New backups go/)).toBeNull();
  });

  it('warns of nothing on a practice line', async () => {
    await shown({}, { practice: true });
    expect(screen.getByText('A practice line has nothing to lose, so no backups are made.')).toBeTruthy();
    expect(screen.queryByText('No backup yet')).toBeNull();
    expect(screen.queryByRole('button', { name: 'Back up now' })).toBeNull();
  });

  it('sets a code step by step, and shows it no longer once it is used', async () => {
    const { of } = await shown({});
    await press('Set a recovery code');
    await waitFor(() => expect(document.querySelector('dialog .recovery-code')?.textContent).toBe(CODE));
    expect(document.querySelector('body > .code-sheet')?.textContent).toContain(CODE);
    await press('I’ve written it down');
    await waitFor(() => expect(document.activeElement?.tagName).toBe('INPUT'));
    await fireEvent.input(screen.getByRole('textbox', { name: 'Recovery code' }), {
      target: { value: CODE.toLowerCase() },
    });
    await press('Use this code');
    await screen.findByRole('heading', { name: 'Backups are locked from now on' });
    expect(of('use_recovery_code')).toEqual([{ code: CODE.replaceAll('-', '') }]);
    expect(new XMLSerializer().serializeToString(document.body)).not.toContain(CODE.slice(0, 5));
    await press('Close');
    expect(await screen.findByRole('button', { name: 'Replace the code' })).toBeTruthy();
  });

  it('asks for the code in use before it is replaced, and before sealing stops', async () => {
    const { of } = await shown({ sealed: true });
    await press('Replace the code');
    expect(await screen.findByRole('heading', { name: 'Replace the recovery code' })).toBeTruthy();
    expect(of('new_recovery_code')).toEqual([]);
    await press('Not now');
    await press('Stop locking backups');
    expect(await screen.findByLabelText('Code in use')).toBeTruthy();
    expect(of('drop_recovery_code')).toEqual([]);
  });

  it('goes on sealing what is kept in a folder of the owner’s', async () => {
    await shown({ sealed: true, chosen: true });
    await press('Stop locking backups');
    expect(await screen.findByText(/always locked\. Keep them beside the data first/)).toBeTruthy();
    expect(screen.queryByLabelText('Code in use')).toBeNull();
  });

  it('checks an open backup at once, and asks for the code of a sealed one', async () => {
    const { of } = await shown({ sealed: true, backups: [backup('a'), backup('b', { sealed: false })] });
    const row = (name: string) =>
      within(document.querySelector(`[data-backup='${name}']`) as HTMLElement).getByRole('button');
    await fireEvent.click(row('b'));
    await waitFor(() => expect(of('verify_backup')).toEqual([{ name: 'b' }]));
    await fireEvent.click(row('a'));
    const field = await screen.findByLabelText('Recovery code (optional)');
    await fireEvent.input(field, { target: { value: CODE } });
    await press('Check this backup');
    await waitFor(() => expect(of('verify_backup').at(-1)).toEqual({ name: 'a', code: CODE }));
  });

  it('says where an export is, also to whoever sits elsewhere', async () => {
    await shown({});
    await press('Export everything');
    expect(
      await screen.findByText('Written: 2 texts, 9 kB. On the computer Ringdesk runs on, it is here:'),
    ).toBeTruthy();
    expect(screen.getByText('/x/all')).toBeTruthy();
  });
});
