import { describe, expect, it } from 'vitest';
import type { Backend, Command, Front } from '../backend/backend';
import type { Conversation, DataBackup, DataBackups, Exported } from '../backend/generated/desk';
import { Backups, dataOf, deleteCustomer, Export, isWholePath, Recovery, Restoring } from './data.svelte';
import { Office } from './office.svelte';

const refusal = { code: 'told', message: 'That isn’t the code.', hint: 'Look again.' } as unknown as Error;
const backup = (name: string, more: Partial<DataBackup> = {}): DataBackup => ({
  name,
  at: 1,
  bytes: 1,
  sealed: true,
  reason: 'daily',
  verified_at: null,
  problem: null,
  ...more,
});
const none: DataBackups = {
  running: false,
  folder: '/data/backups',
  chosen: false,
  backups: [],
  sealed: false,
  problem: null,
  hint: null,
  next_at: null,
};

/** A desk that answers, and what it was asked. */
function desk(answers: Partial<Record<Command, (request: never) => unknown>>) {
  const asked: [Command, unknown][] = [];
  const call = async (command: Command, request: never) => {
    asked.push([command, request]);
    return answers[command]?.(request);
  };
  return { asked, backend: { call, player: { listen: () => () => undefined } } as unknown as Backend };
}
const refuse = () => {
  throw refusal;
};

describe('backups', () => {
  it('are made one at a time, and say what came of it', async () => {
    const { asked, backend } = desk({
      back_up_now: () => ({ ...none, backups: [backup('a')] }),
    });
    const it = new Backups(backend);
    await Promise.all([it.backUp(), it.backUp()]);
    expect(asked.length).toBe(1);
    expect([it.making, it.said, it.asking.value?.backups.length]).toEqual([
      false,
      'A new backup is made.',
      1,
    ]);
  });

  it('say why none was made, where the office knows', async () => {
    const { backend } = desk({ back_up_now: () => ({ ...none, problem: 'There was no room.' }) });
    const it = new Backups(backend);
    await it.backUp();
    expect(it.said).toBe('There was no room.');
  });

  it('are checked with the code, or without', async () => {
    const after = [backup('a', { verified_at: 2 }), backup('b', { problem: 'It is too short.' })];
    const { asked, backend } = desk({ verify_backup: () => ({ ...none, backups: after }) });
    const it = new Backups(backend);
    expect(await it.check(backup('a'), ' the code ', 1)).toBe(true);
    expect(it.said).toContain('is complete.');
    expect(await it.check(backup('b'), ' ', 1)).toBe(true);
    expect(it.said).toContain('is damaged.');
    expect(asked.map(([, request]) => request)).toEqual([{ name: 'a', code: 'the code' }, { name: 'b' }]);
  });

  it('tell a refused check beside the one that was meant', async () => {
    const it = new Backups(desk({ verify_backup: refuse }).backend);
    expect(await it.check(backup('a'), 'wrong', 1)).toBe(false);
    expect([it.refused, it.asking.problem, it.checking]).toEqual([{ name: 'a', why: refusal }, null, null]);
  });

  it('of an office are the same whoever asks', () => {
    const office = new Office(desk({}).backend, false);
    expect(dataOf(office)).toBe(dataOf(office));
  });
});

describe('an export', () => {
  const done: Exported = { path: '/x', texts: 1, calls: 0, voicemails: 0, files: 0, bytes: 1 };

  it('is written once, and forgets what went wrong before', async () => {
    const it = new Export();
    await it.write(() => Promise.reject(refusal));
    expect([it.problem, it.done]).toEqual([refusal, null]);
    let written = 0;
    const write = () => {
      written += 1;
      return Promise.resolve(done);
    };
    await Promise.all([it.write(write), it.write(write)]);
    expect([written, it.done, it.problem, it.busy]).toEqual([1, done, null, false]);
  });
});

describe('the recovery code', () => {
  const code = '7K2QM-9XW4T-5YA';

  it('seals only once it was typed back, and is forgotten then', async () => {
    const { asked, backend } = desk({
      new_recovery_code: () => ({ code }),
      use_recovery_code: () => ({ ...none, sealed: true }),
    });
    const backups = new Backups(backend);
    const it = new Recovery(backend, backups);
    await it.begin(false);
    expect([it.step, it.code]).toEqual(['show', code]);
    it.go('type');
    await it.use();
    expect(it.problem?.message).toBe('Type the recovery code first.');
    it.typed = '7k2qm 9xw4t 5yb';
    await it.use();
    expect([it.step, it.problem?.message]).toEqual(['type', 'Group 3 is another one than was shown.']);
    expect(asked.map(([command]) => command)).toEqual(['new_recovery_code']);
    it.typed = '7k2qm 9xw4t 5ya';
    await it.use();
    expect(asked.at(-1)).toEqual(['use_recovery_code', { code: '7K2QM9XW4T5YA' }]);
    expect([it.step, it.code, it.typed, backups.asking.value?.sealed]).toEqual(['done', '', '', true]);
  });

  it('is replaced after the one in use was typed', async () => {
    let knows = false;
    const { asked, backend } = desk({
      new_recovery_code: () => ({ code }),
      use_recovery_code: () => {
        if (knows) return { ...none, sealed: true };
        throw { ...refusal, code: 'wrong_code' } as unknown as Error;
      },
    });
    const it = new Recovery(backend, new Backups(backend));
    await it.begin(true);
    expect([it.step, asked.length]).toEqual(['prove', 0]);
    it.typed = 'OLD';
    await it.prove();
    expect([it.step, it.problem?.message, it.typed]).toEqual(['prove', 'That isn’t the code in use.', 'OLD']);
    knows = true;
    await it.prove();
    expect([it.step, it.code, it.typed, it.problem]).toEqual(['show', code, '', null]);
  });

  it('can be replaced where the old one is lost', async () => {
    const { backend } = desk({ new_recovery_code: () => ({ code }) });
    const it = new Recovery(backend, new Backups(backend));
    await it.begin(true);
    it.go('lost');
    await it.make();
    expect([it.step, it.code, it.replaces]).toEqual(['show', code, true]);
  });

  it('is dropped only with the right one', async () => {
    let right = false;
    const { backend } = desk({ drop_recovery_code: () => (right ? none : refuse()) });
    const backups = new Backups(backend);
    const it = new Recovery(backend, backups);
    it.beginStop();
    expect(await it.stop()).toBe(false);
    it.typed = 'OLD';
    expect(await it.stop()).toBe(false);
    expect(it.problem).toEqual(refusal);
    right = true;
    expect(await it.stop()).toBe(true);
    expect([backups.said, backups.asking.value?.sealed]).toEqual([
      'Backups made from now on are not locked.',
      false,
    ]);
  });

  it('is gone when it is forgotten', async () => {
    const { backend } = desk({ new_recovery_code: () => ({ code }) });
    const it = new Recovery(backend, new Backups(backend));
    await it.begin(false);
    it.typed = code;
    it.forget();
    expect([it.code, it.typed]).toEqual(['', '']);
  });
});

it('knows a whole path', () => {
  const whole = ['/media/disk', 'C:\\Backups', 'd:/x', '\\\\server\\share'];
  expect(whole.map(isWholePath)).toEqual([true, true, true, true]);
  expect(['media/disk', '', '~/x', 'C:'].map(isWholePath)).toEqual([false, false, false, false]);
});

describe('deleting a customer', () => {
  const row = (id: string) => ({ id, unread: 0 }) as unknown as Conversation;

  /** An office with conversations, of which some go with a customer. */
  async function office(ids: string[], gone: string[], refused = false) {
    let rows = ids.map(row);
    const { asked, backend } = desk({
      conversations: () => ({
        seq: 1,
        conversations: rows,
        total: rows.length,
        unread: 0,
        waiting: 0,
        missed: 0,
        unheard: 0,
      }),
      conversation: ({ id }: { id: string }) => ({ seq: 1, conversation: row(id), timeline: [], draft: '' }),
      delete_customer: () => {
        if (refused) return refuse();
        rows = rows.filter(({ id }) => !gone.includes(id));
        return {};
      },
    });
    const office = new Office(backend, false);
    await office.list.load();
    return { asked, office };
  }
  const whom = (id: string, atTwilio = false) => ({ id, who: 'Maria', atTwilio });

  it('goes on to the next conversation that is not theirs, and says that it is done', async () => {
    const { asked, office: it } = await office(['a', 'b', 'c', 'd'], ['b', 'c']);
    await it.show('b');
    expect(await deleteCustomer(it, whom('b'))).toBeNull();
    expect(asked.find(([command]) => command === 'delete_customer')?.[1]).toEqual({
      conversation: 'b',
      at_twilio: false,
    });
    expect([it.openId, it.list.total]).toEqual(['d', 2]);
    expect(it.undoable).toEqual({ said: 'Everything of Maria is deleted.', undo: null });
  });

  it('goes back to the one before where it was the last', async () => {
    const { office: it } = await office(['a', 'b'], ['b']);
    await it.show('b');
    await deleteCustomer(it, whom('b', true));
    expect([it.openId, it.undoable?.said]).toEqual([
      'a',
      'Everything of Maria is deleted here. It goes at Twilio, too, as soon as Ringdesk can delete it there.',
    ]);
  });

  it('shows none where nobody is left, and leaves alone who went elsewhere', async () => {
    const { office: it } = await office(['a'], ['a']);
    await it.show('a');
    await deleteCustomer(it, whom('a'));
    expect(it.openId).toBeNull();
    const { office: other } = await office(['a', 'b', 'c'], ['a']);
    await other.show('c');
    await deleteCustomer(other, whom('a'));
    expect(other.openId).toBe('c');
  });

  it('stores nothing more of what was being written to them, unless they stay', async () => {
    for (const refused of [false, true]) {
      const { asked, office: it } = await office(['a', 'b'], ['a'], refused);
      await it.show('a');
      const draft = it.draft('a');
      Object.assign(draft, { body: 'On our way', note: 'Gate code 12' });
      const deleting = deleteCustomer(it, whom('a'));
      // While it is asked for, too: what waits to be stored is what differs.
      expect([asked.at(-1)?.[0], draft.kept]).toEqual(['delete_customer', 'On our way']);
      await deleting;
      const after = refused ? ['On our way', 'Gate code 12', ''] : ['', '', ''];
      expect([draft.body, draft.note, draft.kept]).toEqual(after);
    }
  });

  it('changes nothing where it is refused', async () => {
    const { office: it } = await office(['a', 'b'], ['a'], true);
    await it.show('a');
    expect(await deleteCustomer(it, whom('a'))).toEqual(refusal);
    expect([it.openId, it.undoable, it.list.total]).toEqual(['a', null, 2]);
  });
});

describe('bringing back a backup', () => {
  /** A start after a damage, with what was found. */
  function start(found: DataBackup[], restore: Front['restore'] = () => Promise.resolve()) {
    const asked: unknown[] = [];
    const found_ = { now: found };
    const it = new Restoring({
      backupsFound: () => Promise.resolve(found_.now),
      restore: (name, code) => {
        asked.push([name, code]);
        return restore(name, code);
      },
    });
    return { asked, found: found_, it };
  }
  const open = { sealed: false };

  it('offers the newest that is whole, and takes another', async () => {
    const found = [
      backup('old', { at: 1, ...open }),
      backup('bad', { at: 3, problem: 'It is too short.', ...open }),
      backup('good', { at: 2, ...open }),
    ];
    const { asked, it } = start(found);
    await it.look();
    expect(it.found?.map(({ name }) => name)).toEqual(['bad', 'good', 'old']);
    expect(it.chosen?.name).toBe('good');
    it.pick(backup('old'));
    expect(await it.go()).toBe(true);
    expect(asked).toEqual([['old', null]]);
  });

  it('asks for the code of a sealed one, and keeps what was typed where it is refused', async () => {
    const { asked, it } = start([backup('a')], () => Promise.reject(refusal));
    await it.look();
    expect(await it.go()).toBe(false);
    expect([asked, it.problem?.message]).toEqual([[], 'Type the recovery code first.']);
    it.code = 'WRONG';
    expect(await it.go()).toBe(false);
    expect([asked, it.problem, it.code, it.chosen?.name]).toEqual([[['a', 'WRONG']], refusal, 'WRONG', 'a']);
  });

  it('offers the next one where the one that was tried proves damaged', async () => {
    const [a, b] = [backup('a', { at: 2, ...open }), backup('b', { at: 1, ...open })];
    const start_ = start([a, b], () => {
      start_.found.now = [{ ...a, problem: 'It is too short.' }, b];
      return Promise.reject(refusal);
    });
    const { it } = start_;
    await it.look();
    await it.go();
    expect([it.problem, it.chosen?.name]).toEqual([refusal, 'b']);
  });

  it('has nothing to offer where nothing was found, or nothing is whole', async () => {
    const { it } = start([]);
    await it.look();
    expect([it.found, it.chosen, await it.go()]).toEqual([[], null, false]);
    const damaged = start([backup('a', { problem: 'It is too short.' })]).it;
    await damaged.look();
    expect(damaged.chosen).toBeNull();
  });
});
