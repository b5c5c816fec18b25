import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Backend, Command } from '../backend/backend';
import type { Change, Conversation, TimelineItem } from '../backend/generated/desk';
import { Office } from './office.svelte';

/** Everything that was answered has arrived. */
const answered = () => new Promise((done) => setTimeout(done));

/** A counter with three conversations, each with two texts of which the newest may be unread. */
async function going(unread: Record<string, number> = {}) {
  const asked: string[] = [];
  let told: (changes: Change[]) => void = () => undefined;
  let seq = 1;
  const bodies: Record<string, string> = {};
  const timeline = (id: string) =>
    [1, 2].map((n) => {
      const body = (n === 2 && bodies[id]) || `${id}${n}`;
      return { type: 'text', id: `${id}${n}`, at: n, incoming: true, body } as TimelineItem;
    });
  const row = (id: string) => ({ id, unread: unread[id] ?? 0, customer: '', name: id }) as Conversation;
  const answers: Partial<Record<Command, (request: { id: string }) => unknown>> = {
    conversations: () => ({ seq, conversations: ['a', 'b', 'c'].map(row), total: 3 }),
    conversation: ({ id }) => ({ seq, conversation: row(id), timeline: timeline(id), draft: '' }),
    contact: ({ id }) => ({ name: id }),
    settings: () => ({ playback: {} }),
    mark_read: ({ id }) => {
      unread[id] = 0;
    },
  };
  const backend = {
    call: async (command: Command, request: { id: string }) => {
      if (request.id) asked.push(`${command} ${request.id}`);
      // Later than whoever asks goes on.
      await Promise.resolve();
      return answers[command]?.(request) ?? {};
    },
    subscribe: (_: number, listener: typeof told) => {
      told = listener;
      return Promise.resolve();
    },
    player: { listen: () => () => undefined },
  } as unknown as Backend;
  const office = new Office(backend, false);
  await office.start();
  const change = (kind: Change['kind'], conversation: string | null) =>
    told([{ seq: ++seq, kind, conversation, at: 0 }]);
  return { office, asked, bodies, change };
}

describe('going through the list', () => {
  afterEach(() => void vi.restoreAllMocks());

  it('waits for nobody: what comes next is asked for before, what was open is kept', async () => {
    const { office, asked } = await going();
    await office.step(1);
    expect(office.open?.conversation.id).toBe('a');
    await answered();
    expect(asked).toEqual(['conversation a', 'conversation b']);
    void office.show('b');
    expect(office.open?.conversation.id).toBe('b');
    void office.show('a');
    expect(office.open?.conversation.id).toBe('a');
    await office.step(1);
    await office.step(1);
    expect(asked).toEqual(['conversation a', 'conversation b', 'conversation c']);
  });

  it('shows nothing that something was told of since', async () => {
    const { office, asked, bodies, change } = await going();
    await office.step(1);
    await answered();
    bodies['b'] = 'new';
    change('text_arrived', 'b');
    void office.show('b');
    expect(office.open?.conversation.id).toBe('a');
    await vi.waitFor(() => expect(office.open?.timeline[1]).toMatchObject({ id: 'b2', body: 'new' }));
    expect(asked).toEqual(['conversation a', 'conversation b', 'conversation b']);
  });

  it('keeps what nothing was told of, and after a change of the settings nothing', async () => {
    const { office, asked, change } = await going();
    await office.step(1);
    await answered();
    change('health_changed', null);
    change('text_arrived', 'c');
    await office.step(1);
    const times = (id: string) => asked.filter((one) => one === `conversation ${id}`).length;
    expect([office.openId, times('a'), times('b')]).toEqual(['b', 1, 1]);
    await answered();
    change('settings_changed', null);
    await office.step(-1);
    expect([office.openId, times('a')]).toEqual(['a', 2]);
  });

  it('shows nothing anew that may be any of them, and asks for what is open', async () => {
    const { office, asked, change } = await going();
    await office.step(1);
    await answered();
    const times = (id: string) => asked.filter((one) => one === `conversation ${id}`).length;
    expect([times('a'), times('b')]).toEqual([1, 1]);
    change('conversation_changed', null);
    await vi.waitFor(() => expect(times('a')).toBe(2));
    await office.step(1);
    expect([office.openId, times('b')]).toEqual(['b', 2]);
  });

  it('marks read what was seen, not what was gone past', async () => {
    vi.spyOn(document, 'hasFocus').mockReturnValue(true);
    const { office, asked } = await going({ a: 1, b: 2, c: 1 });
    await office.show('a');
    await office.show('b');
    expect(office.fresh).toBeNull();
    await vi.waitFor(() => expect(asked).toContain('mark_read b'));
    expect(asked).not.toContain('mark_read a');
    // The first of what is new stays marked in one that was asked for ahead.
    office.expect('c');
    await answered();
    await office.show('c');
    expect(office.fresh).toBe('c2');
  });

  it('brings along what is known of the customer, where that is shown', async () => {
    const { office, asked, change } = await going();
    await office.step(1);
    expect(office.card).toBeNull();
    office.panel = true;
    await office.show('c');
    expect(office.card).toMatchObject({ conversation: 'c', known: { name: 'c' }, news: office.news });
    change('text_arrived', 'c');
    await vi.waitFor(() => expect(asked.filter((one) => one === 'conversation c')).toHaveLength(2));
    // The panel follows what is told itself.
    expect(asked.filter((one) => one.startsWith('contact'))).toEqual(['contact c']);
  });
});

describe('the open conversation', () => {
  it('draws nothing anew that stayed as it is', async () => {
    const { office, bodies, change } = await going();
    await office.show('a');
    const [first, second] = office.open?.timeline ?? [];
    bodies['a'] = 'corrected';
    change('text_changed', 'a');
    await vi.waitFor(() => expect(office.open?.timeline[1]).toMatchObject({ body: 'corrected' }));
    expect(office.open?.timeline[0]).toBe(first);
    expect(office.open?.timeline[1]).not.toBe(second);
  });
});
