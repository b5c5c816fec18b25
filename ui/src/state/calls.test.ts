import { describe, expect, it } from 'vitest';
import type { Backend, Command, Request } from '../backend/backend';
import type { Call } from '../backend/generated/desk';
import { byDay, Calls, fits, rowsOf } from './calls.svelte';

const noon = new Date(2026, 10, 21, 12).getTime();
const minute = 60_000;
const day = 24 * 60 * minute;

function call(id: string, more: Partial<Call> = {}): Call {
  return {
    id,
    conversation: 'priya',
    customer: '+14155550161',
    with: '(415) 555-0161',
    name: null,
    kind: 'number',
    incoming: true,
    ending: 'hung_up_ringing',
    missed: true,
    live: false,
    at: noon,
    ...more,
  } as Call;
}

/** What the rows say: a day, a call, a call of several, one of them. */
function drawn(calls: Call[], spread: string[] = [], more = false): string[] {
  return rowsOf(byDay(calls), new Set(spread), more).map((row) => {
    if (row.type === 'day') return row.whole ? `${row.calls} calls, ${row.missed} missed` : 'a day';
    if (row.inside) return `- ${row.call.id}`;
    return row.group.length > 1 ? `${row.call.id} of ${row.group.length}` : row.call.id;
  });
}

describe('the rows', () => {
  it('show calls of one kind that follow each other as one, day by day', () => {
    const calls = [
      call('f'),
      call('e', { at: noon - minute }),
      call('d', { at: noon - 2 * minute, ending: 'answered', missed: false }),
      call('c', { at: noon - 3 * minute, ending: 'heard_message' }),
      call('b', { at: noon - 4 * minute, conversation: 'helen' }),
      call('a', { at: noon - day }),
    ];
    expect(drawn(calls)).toEqual(['5 calls, 4 missed', 'f of 2', 'd', 'c', 'b', '1 calls, 1 missed', 'a']);
    expect(drawn(calls, ['e']).slice(0, 3)).toEqual(['5 calls, 4 missed', 'f of 2', '- e']);
  });

  it('count nobody as missed who left something to hear', () => {
    const calls = [call('b', { ending: 'voicemail' }), call('a', { at: noon - minute })];
    expect(drawn(calls)).toEqual(['2 calls, 1 missed', 'b', 'a']);
  });

  it('keep apart what may be several people, and what goes on', () => {
    expect(drawn([call('b', { kind: 'hidden' }), call('a', { kind: 'hidden' })])).toHaveLength(3);
    expect(drawn([call('b', { live: true }), call('a')])).toHaveLength(3);
  });

  it('count no day of which more may come', () => {
    const calls = [call('b'), call('a', { at: noon - day })];
    expect(drawn(calls, [], true)).toEqual(['1 calls, 1 missed', 'b', 'a day', 'a']);
  });
});

describe('looking for a caller', () => {
  it('goes by name, by number as it is written, and by its digits', () => {
    const priya = call('a', { name: 'Priya Nair' });
    for (const typed of ['priya', ' nair ', '555-01', '(415) 555', '4155550', '+1 415', '']) {
      expect(fits(priya, typed), typed).toBe(true);
    }
    for (const typed of ['sam', '999', 'nair 4']) expect(fits(priya, typed), typed).toBe(false);
  });
});

/** An office with a log that can be written on. */
function office(calls: Call[]) {
  const asked: number[] = [];
  const answer = (_: Command, request: unknown) => {
    const { before, limit = 100, filter = 'all' } = request as Request<'calls'>;
    const from = before ? calls.findIndex(({ id }) => id === before.id) + 1 : 0;
    asked.push(from);
    const fitting = calls.filter(({ missed }) => filter !== 'missed' || missed);
    return Promise.resolve(fitting.slice(from, from + limit));
  };
  return { asked, backend: { call: answer } as unknown as Backend };
}

/** So many calls of as many people, an hour apart; the newest has the highest number. */
const many = (n: number) =>
  Array.from({ length: n }, (_, at) => {
    const id = String(n - at).padStart(4, '0');
    return call(id, { conversation: id, at: noon - at * 60 * minute });
  });
const shown = (log: Calls) => log.days.flatMap((day) => day.groups.flat().map(({ id }) => id));

describe('the log', () => {
  it('comes in parts, and is asked for again as far as it is loaded', async () => {
    const { asked, backend } = office(many(250));
    const log = new Calls(backend);
    await log.load();
    expect([shown(log).length, log.more]).toEqual([100, true]);
    await log.earlier();
    await log.earlier();
    await log.earlier();
    expect([shown(log).length, log.more]).toEqual([250, false]);
    expect(asked).toEqual([0, 100, 200]);
    await log.load();
    expect(asked).toEqual([0, 100, 200, 0, 100, 200]);
    expect(new Set(shown(log)).size).toBe(250);
  });

  it('moves no row while somebody points at it', async () => {
    const calls = many(150);
    const { backend } = office(calls);
    const log = new Calls(backend);
    await log.load();
    log.hold(true);
    calls.unshift(call('0151', { at: noon + minute, live: true, missed: false }));
    calls[1] = { ...(calls[1] as Call), ending: 'voicemail' };
    await log.load();
    expect([shown(log)[0], log.days[0]?.groups[0]?.[0]?.ending, log.later]).toEqual([
      '0150',
      'voicemail',
      true,
    ]);
    // What is scrolled to comes all the same, and nothing is there twice.
    await log.earlier();
    expect([shown(log).at(-1), new Set(shown(log)).size]).toEqual(['0001', 150]);
    log.hold(false);
    expect([shown(log)[0], shown(log).length, log.later]).toEqual(['0151', 151, false]);
  });

  it('shows at once what the owner chose, looked for or did', async () => {
    const calls = many(3);
    calls[1] = { ...(calls[1] as Call), missed: false, name: 'Helen Okafor' };
    const { backend } = office(calls);
    const log = new Calls(backend);
    await log.choose('all');
    log.hold(true);
    log.look('helen');
    expect(shown(log)).toEqual(['0002']);
    log.look('');
    await log.choose('missed');
    expect(shown(log)).toEqual(['0003', '0001']);
  });

  it('says that it could not be had, and goes on', async () => {
    const { backend } = office(many(3));
    let fail = true;
    const answer = (command: Command, request: never) =>
      fail ? Promise.reject(new Error('no')) : backend.call(command, request);
    const log = new Calls({ call: answer } as unknown as Backend);
    await log.choose('all');
    expect([log.failed, log.loaded]).toEqual([true, false]);
    fail = false;
    await log.choose('all');
    expect([log.failed, log.loaded, shown(log).length]).toEqual([false, true, 3]);
  });
});
