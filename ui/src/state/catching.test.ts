import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Backend, Command } from '../backend/backend';
import type { CatchUp, Health } from '../backend/generated/desk';
import { catchingOf } from './catching.svelte';
import { Office } from './office.svelte';

const refusal = { code: 'told', message: 'Twilio refused.', hint: 'Try later.' } as unknown as Error;
const kept: CatchUp = {
  running: false,
  complete_to: 1,
  problem: null,
  repaired: 0,
  away: null,
  history: { state: 'done', days: 30, back_to: 1, percent: 100, texts: 0, calls: 0 },
};
const away = {
  from: 1,
  to: 2,
  complete: false,
  texts: 1,
  people: 1,
  calls: 0,
  missed: 0,
  voicemails: 0,
  conversations: ['a'],
};

/** An office with a desk that keeps how complete it is, and what it was asked. */
function office() {
  const asked: string[] = [];
  const desk = { state: kept, refuses: false, grade: 'pass' };
  const answer = (command: Command, request: { days?: number }): unknown => {
    if (desk.refuses) return Promise.reject(refusal);
    switch (command) {
      case 'fix':
        return {
          id: 'other_computer',
          grade: desk.grade,
          said: 'It goes to another Ringdesk',
          hint: 'Close it.',
        };
      case 'seen_away':
        desk.state = { ...desk.state, away: null };
        return desk.state;
      case 'bring_in_history':
        desk.state = {
          ...desk.state,
          history: { ...desk.state.history, state: 'running', days: request.days ?? 0 },
        };
        return desk.state;
      case 'unlock_sending':
        return {};
      default:
        return desk.state;
    }
  };
  const OURS = new Set<Command>([
    'catch_up_state',
    'catch_up',
    'seen_away',
    'bring_in_history',
    'stop_history',
    'unlock_sending',
    'fix',
  ]);
  const call = async (command: Command, request: { days?: number }) => {
    if (!OURS.has(command)) return {};
    asked.push(command);
    return answer(command, request);
  };
  const backend = { call, player: { listen: () => () => undefined } } as unknown as Backend;
  const made = new Office(backend, false);
  return { asked, desk, office: made, catching: catchingOf(made) };
}
const health = (complete_to: number, catching_up = false) => ({ complete_to, catching_up }) as Health;

describe('how complete it is', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('is asked for once at first, and again only when something changed', async () => {
    const { asked, office: desk, catching } = office();
    catching.told();
    await vi.runAllTimersAsync();
    expect(asked).toEqual([]);
    for (const now of [health(1), health(1), health(1)]) {
      desk.health = now;
      catching.told();
      await vi.runAllTimersAsync();
    }
    expect([asked.length, catching.state]).toEqual([1, kept]);
    desk.health = health(1, true);
    catching.told();
    await vi.runAllTimersAsync();
    expect(asked).toHaveLength(2);
    desk.news += 1;
    catching.told();
    catching.told();
    await vi.runAllTimersAsync();
    expect(asked).toHaveLength(3);
  });

  it('is asked for with what comes while something is on its way, but not for each of a burst', async () => {
    const { asked, desk: kept, office: desk, catching } = office();
    kept.state = { ...kept.state, running: true, away };
    desk.health = health(1, true);
    catching.told();
    await vi.runAllTimersAsync();
    for (let n = 0; n < 50; n++) catching.told();
    await vi.runAllTimersAsync();
    expect(asked).toHaveLength(2);
  });

  it('is asked for again where there was no answer', async () => {
    const { asked, desk: kept, office: desk, catching } = office();
    desk.health = health(1);
    kept.refuses = true;
    catching.told();
    await vi.runAllTimersAsync();
    expect([catching.state, desk.notice]).toEqual([null, null]);
    kept.refuses = false;
    catching.told();
    await vi.runAllTimersAsync();
    expect([asked.length, catching.state]).toEqual([2, kept.state]);
  });

  it('is looked at when the owner asks, until it is', async () => {
    const { asked, desk: kept, catching } = office();
    kept.state = { ...kept.state, running: true };
    await catching.check();
    await catching.check();
    expect([catching.checking, asked]).toEqual([true, ['catch_up']]);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(catching.checking).toBe(true);
    kept.state = { ...kept.state, running: false, complete_to: 9 };
    await vi.advanceTimersByTimeAsync(1_000);
    expect([catching.checking, catching.state?.complete_to]).toEqual([false, 9]);
    const n = asked.length;
    await vi.runAllTimersAsync();
    expect(asked).toHaveLength(n);
  });

  it('says why it could not be looked at', async () => {
    const { desk: kept, office: desk, catching } = office();
    kept.refuses = true;
    await catching.check();
    expect([catching.checking, desk.notice?.text]).toEqual([false, 'Twilio refused.']);
  });
});

describe('what the owner does about it', () => {
  it('puts away what they have seen', async () => {
    const { asked, desk: kept, catching } = office();
    kept.state = { ...kept.state, away };
    await catching.ask();
    expect(catching.state?.away).toEqual(away);
    await Promise.all([catching.seen(), catching.seen()]);
    expect([catching.state?.away, asked]).toEqual([null, ['catch_up_state', 'seen_away']]);
  });

  it('keeps what was done from an answer that was asked for before', async () => {
    const { desk: kept, catching } = office();
    kept.state = { ...kept.state, away };
    const older = catching.ask();
    await catching.seen();
    await older;
    expect(catching.state?.away).toBeNull();
  });

  it('brings in the past, and says why where it does not', async () => {
    const { desk: kept, catching } = office();
    await catching.bringIn(91);
    expect(catching.state?.history).toMatchObject({ state: 'running', days: 91 });
    kept.refuses = true;
    await catching.stopHistory();
    expect([catching.refused?.message, catching.doing('stop')]).toEqual(['Twilio refused.', false]);
  });

  it('answers here again, and says where that did not help', async () => {
    const { desk: kept, office: desk, catching } = office();
    await catching.answerHere();
    expect(desk.undoable?.said).toBe('Texts and calls come to this computer first again.');
    desk.undoable = null;
    kept.grade = 'fail';
    await catching.answerHere();
    expect([desk.undoable, desk.notice]).toEqual([
      null,
      { text: 'It goes to another Ringdesk', hint: 'Close it.' },
    ]);
  });

  it('lets this computer send, or says why it still does not', async () => {
    const { desk: kept, office: desk, catching } = office();
    kept.refuses = true;
    expect(await catching.unlock()).toBe(false);
    expect(catching.stays?.message).toBe('Twilio refused.');
    kept.refuses = false;
    expect(await catching.unlock()).toBe(true);
    expect([catching.stays, desk.undoable?.said]).toEqual([null, 'Texts leave from this computer now.']);
  });
});
