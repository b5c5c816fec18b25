import { describe, expect, it } from 'vitest';
import type { Command } from '../../backend/backend';
import type { Office } from '../../state/office.svelte';
import { Caller } from './caller.svelte';

const THANKSGIVING = { rule: 'nth', month: 11, weekday: 'thursday', nth: 4 };

/** An office on a Friday morning, and what it is asked. */
function office() {
  const asked: unknown[] = [];
  let refuse = false;
  const call = (command: Command, request: { local?: string }) => {
    if (command === 'holidays') return Promise.resolve({ next: ['2026-11-26'], packs: [] });
    asked.push(request);
    return refuse
      ? Promise.reject({ code: 'invalid', message: 'No.', hint: '' } as unknown as Error)
      : Promise.resolve({ local: request.local ?? '2026-11-20T09:52' });
  };
  const settings = { hours: { holidays: [{ day: THANKSGIVING }] } };
  const told = { backend: { call }, settings } as unknown as Office;
  return { asked, caller: new Caller(told), refuse: (on: boolean) => (refuse = on) };
}

describe('a caller', () => {
  it('is looked at now, or at another moment of the business’s clock', async () => {
    const { asked, caller } = office();
    await caller.ask();
    expect(asked).toEqual([{}]);
    expect(caller.heard).toBe(caller.now);
    expect(caller.nextHoliday).toBe('2026-11-26');
    for (const when of ['tonight', 'sunday', 'holiday'] as const) {
      caller.when = when;
      await caller.ask();
    }
    expect(asked.filter((_, n) => n % 2 === 0).slice(1)).toEqual([
      { local: '2026-11-20T21:00' },
      { local: '2026-11-22T12:00' },
      { local: '2026-11-26T12:00' },
    ]);
    expect(caller.now?.local).toBe('2026-11-20T09:52');
  });

  it('calls one line, from a number', async () => {
    const { asked, caller } = office();
    caller.line = '+14155550143';
    caller.when = 'picked';
    caller.picked = '2026-12-24T18:05';
    caller.from = '415 555 0113';
    await caller.ask();
    expect(asked).toEqual([
      { line: '+14155550143' },
      { line: '+14155550143', local: '2026-12-24T18:05', from: '415 555 0113' },
    ]);
  });

  it('keeps what was heard where something is refused, and says why', async () => {
    const { caller, refuse } = office();
    await caller.ask();
    refuse(true);
    await caller.ask();
    expect([caller.heard?.local, caller.problem?.message]).toEqual(['2026-11-20T09:52', 'No.']);
    refuse(false);
    await caller.ask();
    expect(caller.problem).toBeNull();
  });

  it('hears only what was asked last', async () => {
    const { caller } = office();
    caller.when = 'sunday';
    const first = caller.ask();
    caller.when = 'now';
    await Promise.all([first, caller.ask()]);
    expect(caller.heard?.local).toBe('2026-11-20T09:52');
  });
});
