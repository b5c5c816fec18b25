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
  /** Conversations that were answered. */
  const ours: string[] = [];
  /** The newest part of a conversation that does not fit into one. */
  const parts: Record<string, number[]> = {};
  const timeline = (id: string) =>
    (parts[id] ?? (ours.includes(id) ? [1, 2, 3] : [1, 2])).map((n) => {
      const body = (n === 2 && bodies[id]) || `${id}${n}`;
      return { type: 'text', id: `${id}${n}`, at: n, incoming: n < 3, body } as TimelineItem;
    });
  const row = (id: string) => ({ id, unread: unread[id] ?? 0, customer: '', name: id }) as Conversation;
  const answers: Partial<Record<Command, (request: { id: string }) => unknown>> = {
    conversations: () => ({ seq, conversations: ['a', 'b', 'c'].map(row), total: 3 }),
    conversation: ({ id }) => ({
      seq,
      conversation: row(id),
      timeline: timeline(id),
      draft: '',
      ...(parts[id] && { older: { at: parts[id][0], seq: 0 } }),
    }),
    contact: ({ id }) => ({ name: id }),
    settings: () => ({ playback: {} }),
    search: () => ({ people: [], texts: [] }),
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
  /** Whoever tells was gone, and is back with older data. */
  const restart = () => {
    seq = 0;
    told([]);
  };
  return { office, asked, bodies, ours, parts, change, restart };
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

  it('leaves no gap where more came than one part holds', async () => {
    const { office, parts, change } = await going();
    const shown = () => office.open?.timeline.map((item) => item.id);
    await office.step(1);
    parts['a'] = [2, 3, 4];
    change('text_arrived', 'a');
    await vi.waitFor(() => expect(shown()).toEqual(['a1', 'a2', 'a3', 'a4']));
    parts['a'] = [7, 8];
    change('text_arrived', 'a');
    await vi.waitFor(() => expect(shown()).toEqual(['a7', 'a8']));
    expect(office.open?.older).toEqual({ at: 7, seq: 0 });
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

  it('goes on beside what was left for later, and in another list from its beginning', async () => {
    const { office } = await going();
    await office.step(1);
    await office.step(1);
    await office.unsee();
    expect(office.openId).toBeNull();
    await office.step(1);
    expect(office.openId).toBe('c');
    await office.show(null);
    await office.step(-1);
    expect(office.openId).toBe('b');
    await office.show(null);
    await office.list.choose('unread');
    await office.step(1);
    expect(office.openId).toBe('a');
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

describe('what is new', () => {
  const at = (id: string, more: object) => ({ id, at: Number(id.slice(1)), ...more });
  const text = (id: string, incoming = true) => at(id, { type: 'text', incoming, body: id });
  const called = (id: string, missed: boolean) => at(id, { type: 'call', incoming: true, missed });

  /** The first of what is new in a conversation of these. */
  async function fresh(unread: number, timeline: object[]): Promise<string | null> {
    const conversation = { id: 'a', unread };
    const call = (command: Command) =>
      Promise.resolve(command === 'conversation' ? { seq: 1, conversation, timeline } : {});
    const player = { listen: () => () => undefined };
    const office = new Office({ call, player } as unknown as Backend, false);
    await office.show('a');
    return office.fresh;
  }

  it('begins with a call nobody took, with a message or without, as with a text', async () => {
    const read = [text('t1'), text('t2', false)];
    expect(await fresh(2, [...read, called('c3', true), text('t4')])).toBe('c3');
    expect(await fresh(1, [...read, text('t3'), called('c4', true)])).toBe('c4');
    // One that was taken makes nothing unread.
    expect(await fresh(1, [...read, text('t3'), called('c4', false), text('t5', false)])).toBe('t3');
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

  it('is asked for anew where nothing is named, also where the numbers began lower again', async () => {
    const { office, bodies, asked, restart } = await going();
    await office.show('a');
    office.expect('b');
    await answered();
    bodies['a'] = 'older';
    const { news } = office;
    restart();
    await vi.waitFor(() => expect(office.open?.timeline[1]).toMatchObject({ body: 'older' }));
    expect([office.open?.seq, office.news]).toEqual([0, news + 1]);
    await office.show('b');
    expect(asked.filter((one) => one === 'conversation b')).toHaveLength(2);
  });

  it('marks what was looked for until the search is emptied, or something is answered', async () => {
    const { office, change, ours } = await going();
    office.search.type('tap');
    await office.show('a', 'a1');
    change('text_arrived', 'a');
    await answered();
    expect(office.sought).toBe('a1');
    office.search.type('');
    expect(office.sought).toBeNull();
    await office.show('a', 'a1');
    ours.push('a');
    change('text_changed', 'a');
    await vi.waitFor(() => expect(office.open?.timeline).toHaveLength(3));
    expect(office.sought).toBeNull();
  });
});
