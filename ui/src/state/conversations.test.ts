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
    return Promise.resolve({ conversations, total: ids.length, unread: 0, waiting: 0, missed: 0, seq: 7 });
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
