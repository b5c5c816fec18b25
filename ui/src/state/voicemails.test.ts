import { describe, expect, it } from 'vitest';
import type { Backend, Command, Request } from '../backend/backend';
import type { Call, Voicemail } from '../backend/generated/desk';
import { Voicemails } from './voicemails.svelte';

function voicemail(n: number, more: Partial<Voicemail> = {}): Voicemail {
  const id = String(n).padStart(4, '0');
  return { id, at: n * 60_000, heard: true, waiting: false, transcript: '', ...more } as Voicemail;
}
/** So many, newest first; the newest has the highest number. */
const many = (n: number) => Array.from({ length: n }, (_, at) => voicemail(n - at));
const gone = { code: 'not_found', message: 'It is gone.', hint: '' } as unknown as Error;

/** An office whose voicemails can be changed. */
function office(all: Voicemail[]) {
  const asked: unknown[] = [];
  const answer = (command: Command, request: unknown) => {
    if (command === 'voicemail_counts') {
      const unheard = all.filter(({ heard }) => !heard).length;
      return Promise.resolve({ total: all.length, unheard, waiting: 0 });
    }
    if (command === 'voicemail') {
      const one = all.find(({ id }) => id === (request as Request<'voicemail'>).voicemail);
      return one ? Promise.resolve(one) : Promise.reject(gone);
    }
    asked.push(request);
    const { filter, search = '', before, limit = 100 } = request as Request<'voicemails'>;
    const fitting = all
      .filter(({ heard }) => filter !== 'unheard' || !heard)
      .filter(({ transcript }) => transcript?.includes(search));
    const from = before ? fitting.findIndex(({ id }) => id === before.id) + 1 : 0;
    return Promise.resolve(fitting.slice(from, from + limit));
  };
  return { asked, backend: { call: answer } as unknown as Backend };
}
const shown = (list: Voicemails) => list.rows.map(({ id }) => Number(id));
/** Changes one of them. */
function change(all: Voicemail[], n: number, more: Partial<Voicemail>): void {
  const at = all.findIndex(({ id }) => Number(id) === n);
  all[at] = { ...(all[at] as Voicemail), ...more };
}

describe('the list', () => {
  it('comes in parts, and is asked for again as far as it is loaded', async () => {
    const { asked, backend } = office(many(120));
    const list = new Voicemails(backend);
    await list.choose('all');
    expect([shown(list).length, list.more, list.count]).toEqual([50, true, { n: 120, more: false }]);
    await list.earlier();
    await list.earlier();
    expect([shown(list).length, list.more]).toEqual([120, false]);
    expect(asked).toHaveLength(3);
    await list.load();
    expect([asked.length, new Set(shown(list)).size]).toEqual([6, 120]);
  });

  it('moves no row while somebody points at it', async () => {
    const all = many(3);
    const { backend } = office(all);
    const list = new Voicemails(backend);
    await list.choose('all');
    list.hold(true);
    all.unshift(voicemail(4));
    change(all, 3, { transcript: 'Hi' });
    await list.load();
    expect([shown(list), list.rows[0]?.transcript, list.later]).toEqual([[3, 2, 1], 'Hi', true]);
    list.hold(false);
    expect([shown(list), list.later]).toEqual([[4, 3, 2, 1], false]);
  });

  it('keeps what is open until another is opened, though it was heard', async () => {
    const all = many(4).map((one) => ({ ...one, heard: false }));
    const { backend } = office(all);
    const list = new Voicemails(backend);
    await list.choose('unheard');
    await list.show('0003');
    change(all, 3, { heard: true });
    await list.load();
    expect([shown(list), list.open?.heard, list.place]).toEqual([[4, 3, 2, 1], true, 1]);
    await list.step(1);
    await list.load();
    expect([shown(list), list.openId]).toEqual([[4, 2, 1], '0002']);
    // Another choice is what was chosen, nothing else.
    change(all, 2, { heard: true });
    await list.choose('unheard');
    expect([shown(list), list.open?.id]).toEqual([[4, 1], '0002']);
  });

  it('is looked through by the office', async () => {
    const all = many(3);
    change(all, 2, { transcript: 'the radiator' });
    const { asked, backend } = office(all);
    const list = new Voicemails(backend);
    await list.choose('all');
    await Promise.all([list.look('r'), list.look('ra'), list.look(' rad ')]);
    expect(shown(list)).toEqual([2]);
    // What was typed meanwhile is asked for once.
    expect(asked.slice(1)).toEqual([
      { filter: 'all', limit: 50, search: 'r' },
      { filter: 'all', limit: 50, search: 'rad' },
    ]);
  });

  it('says that it could not be had, and goes on', async () => {
    const { backend } = office(many(3));
    let fail = true;
    const answer = (command: Command, request: never) =>
      fail ? Promise.reject(new Error('no')) : backend.call(command, request);
    const list = new Voicemails({ call: answer } as unknown as Backend);
    await list.choose('all');
    expect([list.failed, list.loaded]).toEqual([true, false]);
    fail = false;
    await list.choose('all');
    expect([list.failed, shown(list).length]).toEqual([false, 3]);
  });
});

describe('what was left in a call', () => {
  const call = (n: number) => ({ id: `c${n}`, at: n * 60_000, line: 'main' }) as Call;
  const left = (n: number, more: Partial<Voicemail> = {}) => voicemail(n, { call: `c${n}`, ...more });

  /** An office that looks for older ones as the store does: by time, then by id. */
  const store = (all: Voicemail[]) => {
    const asked: unknown[] = [];
    const call = (_: Command, request: unknown) => {
      asked.push(request);
      const { before, limit = 100 } = request as Request<'voicemails'>;
      const older = ({ at, id }: Voicemail) =>
        !before || at < before.at || (at === before.at && id < before.id);
      return Promise.resolve(all.filter(older).slice(0, limit));
    };
    return { asked, list: new Voicemails({ call } as unknown as Backend) };
  };

  it('is found however many came since, among those of the same moment', async () => {
    const all = [...many(40), left(7, { id: 'zz', at: 7 * 60_000 })].sort((a, b) => b.at - a.at);
    const { asked, list } = store(all);
    expect((await list.leftIn(call(7)))?.id).toBe('zz');
    expect(asked).toEqual([
      { filter: 'all', limit: 10, line: 'main', before: { at: 7 * 60_000 + 1, id: 'c7' } },
    ]);
  });

  it('is nothing where it was deleted', async () => {
    const { list } = store(many(3));
    expect(await list.leftIn(call(2))).toBeNull();
  });
});

describe('the open one', () => {
  it('is shown at once from the list, and from the office where it is not there', async () => {
    const all = [voicemail(2), voicemail(1, { heard: true })];
    const { backend } = office(all);
    const list = new Voicemails(backend);
    await list.choose('unheard');
    const asking = list.show('0002');
    await asking;
    expect(list.open?.id).toBe('0002');
    await list.choose('all');
    void list.show('0001');
    expect(list.open?.id).toBe('0001');
  });

  it('is closed where it was deleted elsewhere', async () => {
    const all = many(2);
    const { backend } = office(all);
    const list = new Voicemails(backend);
    await list.choose('all');
    await list.show('0002');
    all.shift();
    await list.load();
    expect([shown(list), list.openId, list.open]).toEqual([[1], null, null]);
  });

  it('leaves its place to the next, or to the one before the end', async () => {
    const { backend } = office(many(3));
    const list = new Voicemails(backend);
    await list.choose('all');
    expect(['0003', '0001', '0009'].map((id) => list.beside(id)?.id ?? null)).toEqual(['0002', '0002', null]);
  });
});
