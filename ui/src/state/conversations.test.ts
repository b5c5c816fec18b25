import { describe, expect, it } from 'vitest';
import type { Backend, Command, Request } from '../backend/backend';
import type { Conversation } from '../backend/generated/desk';
import { Conversations } from './conversations.svelte';

/** A counter whose list can be rearranged. */
function counter(ids: string[]) {
  const asked: number[] = [];
  const call = (_: Command, request: unknown) => {
    const { from = 0, limit = 100 } = request as Request<'conversations'>;
    asked.push(from);
    const conversations = ids.slice(from, from + limit).map((id) => ({ id }) as Conversation);
    const { line } = request as Request<'conversations'>;
    const counts = { unread: line ? 1 : 3, waiting: 0, missed: 0 };
    return Promise.resolve({
      ...{ conversations, total: ids.length, unread: 3, waiting: 0, missed: 0 },
      ...{ counts, seq: 7 },
    });
  };
  return { asked, backend: { call } as unknown as Backend };
}

const many = (n: number) => Array.from({ length: n }, (_, at) => `c${at}`);

describe('the list', () => {
  it('asks only for what is seen, and for what is scrolled to', async () => {
    const { asked, backend } = counter(many(1_000));
    const list = new Conversations(backend);
    expect(await list.load()).toBe(7);
    expect([list.total, list.at(0)?.id, list.at(49)?.id, list.at(50)]).toEqual([
      1_000,
      'c0',
      'c49',
      undefined,
    ]);
    await list.look(640, 655);
    expect(list.at(655)?.id).toBe('c655');
    expect(asked).toEqual([0, 600, 650]);
    await list.look(641, 656);
    expect(asked).toHaveLength(3);
  });

  it('counts for its filters on the chosen line, and overall beside', async () => {
    const list = new Conversations(counter(many(2)).backend);
    await list.load();
    expect([list.unread, list.counts.unread]).toEqual([3, 3]);
    await list.choose('all', 'shop');
    expect([list.unread, list.counts.unread]).toEqual([3, 1]);
  });

  it('moves no row while somebody points at it', async () => {
    const ids = many(80);
    const { backend } = counter(ids);
    const list = new Conversations(backend);
    await list.load();
    list.hold(true);
    ids.unshift(...ids.splice(30, 1));
    await list.load();
    expect([list.at(0)?.id, list.at(30)?.id, list.later]).toEqual(['c0', 'c30', true]);
    // What is scrolled to comes all the same, and nobody is there twice.
    await list.look(45, 60);
    expect(list.at(60)?.id).toBe('c60');
    const shown = Array.from({ length: 80 }, (_, place) => list.at(place)?.id).filter(Boolean);
    expect(new Set(shown).size).toBe(shown.length);
    list.hold(false);
    expect([list.at(0)?.id ?? 'c30', list.later]).toEqual(['c30', false]);
  });

  it('asks once for each part while it is held, down the list and back', async () => {
    const { asked, backend } = counter(many(200));
    for (const pointed of [false, true]) {
      asked.length = 0;
      const list = new Conversations(backend);
      await list.load();
      list.hold(pointed);
      for (let top = 0; top <= 185; top += 5) await list.look(top, top + 14);
      for (let top = 185; top >= 0; top -= 5) await list.look(top, top + 14);
      expect(asked).toEqual([0, 50, 100, 150]);
    }
  });

  it('asks once each way for each part of a long list', async () => {
    const { asked, backend } = counter(many(2_000));
    const list = new Conversations(backend);
    await list.load();
    for (let top = 0; top <= 1_985; top += 5) await list.look(top, top + 14);
    expect(asked).toEqual(Array.from({ length: 40 }, (_, part) => part * 50));
    asked.length = 0;
    for (let top = 1_985; top >= 0; top -= 5) await list.look(top, top + 14);
    expect(new Set(asked).size).toBe(asked.length);
    expect([asked.length < 40, list.at(0)?.id]).toEqual([true, 'c0']);
  });

  it('asks again for all that is on the screen, and for the rest when it is looked at', async () => {
    const ids = many(300);
    const { asked, backend } = counter(ids);
    const list = new Conversations(backend);
    await list.load();
    await list.look(90, 110);
    ids.unshift('new');
    asked.length = 0;
    await list.load();
    expect(asked).toEqual([50, 100]);
    expect([list.at(90)?.id, list.at(110)?.id, list.total]).toEqual(['c89', 'c109', 301]);
    await list.look(40, 60);
    expect([asked, list.at(40)?.id, list.at(110)?.id]).toEqual([[50, 100, 0], 'c39', 'c109']);
  });

  it('leaves a row that stays as it is the same', async () => {
    const ids = many(200);
    const { backend } = counter(ids);
    const list = new Conversations(backend);
    await list.load();
    const [first, second] = [list.at(0), list.at(1)];
    await list.look(45, 60);
    ids[1] = 'other';
    await list.look(0, 14);
    await list.load();
    expect(list.at(0)).toBe(first);
    expect([list.at(1)?.id, second?.id]).toEqual(['other', 'c1']);
    list.hold(true);
    await list.load();
    expect(list.at(0)).toBe(first);
  });

  it('takes counts and places from what was answered last', async () => {
    const ids = many(100);
    const { backend } = counter(ids);
    const list = new Conversations(backend);
    await list.load();
    // One more came in, before anybody told.
    ids.unshift('new');
    await list.look(40, 60);
    expect([list.total, list.at(50)?.id]).toEqual([101, 'c49']);
    const shown = Array.from({ length: 101 }, (_, place) => list.at(place)?.id).filter(Boolean);
    expect(new Set(shown).size).toBe(shown.length);
    await list.look(40, 60);
    expect(list.at(49)?.id).toBe('c48');
  });

  it('drops what a list answers that was left meanwhile', async () => {
    const { asked, backend } = counter(many(200));
    const list = new Conversations(backend);
    await list.load();
    const looked = list.look(60, 75);
    await Promise.all([looked, list.choose('done', 'shop')]);
    expect([asked, list.at(60), list.at(0)?.id]).toEqual([[0, 50, 0], undefined, 'c0']);
  });

  it('mixes no list with one that did not come', async () => {
    const { asked, backend } = counter(many(200));
    let fail = false;
    const call = (command: Command, request: never) =>
      fail ? Promise.reject(new Error('no')) : backend.call(command, request);
    const list = new Conversations({ call } as unknown as Backend);
    await list.load();
    fail = true;
    await expect(list.choose('done')).rejects.toThrow('no');
    fail = false;
    asked.length = 0;
    await list.look(45, 60);
    expect(asked).toEqual([0, 50]);
  });

  it('is up to date wherever it was scrolled to, once nobody points at it', async () => {
    const ids = many(150);
    const { asked, backend } = counter(ids);
    const list = new Conversations(backend);
    await list.load();
    await list.look(45, 60);
    await list.look(0, 14);
    list.hold(true);
    ids.unshift('new');
    await list.load();
    asked.length = 0;
    // What waits is known; what was shown before is out of date.
    await list.look(10, 60);
    await list.look(12, 62);
    expect([asked, list.at(10)?.id, list.at(60)?.id, list.later]).toEqual([[50], 'c10', 'c60', true]);
    list.hold(false);
    expect([list.at(10)?.id, list.at(60)?.id, list.later]).toEqual(['c9', 'c59', false]);
  });

  it('keeps what is seen while the keys go on', async () => {
    const { backend } = counter(many(200));
    const list = new Conversations(backend);
    await list.load();
    await list.look(40, 49);
    await list.reach(50);
    await list.load();
    expect([list.at(40)?.id, list.at(50)?.id]).toEqual(['c40', 'c50']);
  });

  it('shows at once what the owner did', async () => {
    const ids = many(10);
    const { backend } = counter(ids);
    const list = new Conversations(backend);
    await list.load();
    list.hold(true);
    ids.shift();
    await list.load(true);
    expect([list.at(0)?.id, list.total]).toEqual(['c1', 9]);
  });

  it('goes on after a question that failed', async () => {
    const { backend } = counter(many(10));
    let fail = true;
    const call = (command: Command, request: never) =>
      fail ? Promise.reject(new Error('no')) : backend.call(command, request);
    const list = new Conversations({ call } as unknown as Backend);
    const first = list.load();
    const second = list.choose('done');
    fail = false;
    await expect(first).rejects.toThrow('no');
    await second;
    expect([list.filter, list.total, list.at(0)?.id]).toEqual(['done', 10, 'c0']);
  });

  it('keeps little of a long way down', async () => {
    const { backend } = counter(many(5_000));
    const list = new Conversations(backend);
    await list.load();
    list.hold(true);
    for (let top = 0; top < 4_000; top += 10) await list.look(top, top + 15);
    const held = Array.from({ length: 5_000 }, (_, place) => list.at(place)).filter(Boolean).length;
    expect(held).toBeLessThanOrEqual(500);
    expect(list.at(4_000)?.id).toBe('c4000');
  });
});
