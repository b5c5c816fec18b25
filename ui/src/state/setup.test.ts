import { describe, expect, it } from 'vitest';
import type { Backend, Command } from '../backend/backend';
import type { Setup, SetupStep, Step } from '../backend/generated/desk';
import { Office } from './office.svelte';
import { beside, groupOf, groups, groupStates, Guide, guideOf, order, whereToGoOn } from './setup.svelte';

/** All steps to do, but for these. */
const steps = (done: Step[], skipped: Step[] = []): SetupStep[] =>
  order.map((step) => ({
    step,
    state: done.includes(step) ? 'done' : skipped.includes(step) ? 'skipped' : 'todo',
  }));

describe('the steps', () => {
  it('are shown in groups, in the order they are gone through', () => {
    const shown = order.map((step) => groupOf[step]);
    expect(shown).toEqual(['number', 'reach', 'reach', 'hours', 'hours', 'backup', 'test', 'test']);
    expect([...new Set(['account', ...shown])]).toEqual(groups);
  });

  it('make a group done when all of its own are, and skipped when one was gone past', () => {
    expect(groupStates(steps(['lines', 'address', 'hours', 'test', 'rules'], ['greeting']))).toEqual({
      account: 'done',
      number: 'done',
      reach: 'todo',
      hours: 'skipped',
      backup: 'todo',
      test: 'done',
    });
    expect(Object.values(groupStates([]))).toEqual(['done', 'todo', 'todo', 'todo', 'todo', 'todo']);
  });

  it('go on at the first that is to do, else at the first that was skipped', () => {
    expect(whereToGoOn(steps([]))).toBe('lines');
    expect(whereToGoOn(steps(['lines'], ['address']))).toBe('point');
    const others = order.filter((step) => step !== 'backup');
    expect(whereToGoOn(steps(others, ['backup']))).toBe('backup');
    expect(whereToGoOn(steps([...order]))).toBeNull();
  });

  it('begin and end somewhere', () => {
    expect([beside('lines', -1), beside('lines', 1), beside('rules', 1)]).toEqual([null, 'address', null]);
  });
});

/** A desk that keeps how far it is, and refuses what it is told to refuse. */
function desk(kept: Setup) {
  const asked: string[] = [];
  const refused = new Set<string>();
  const call = (command: Command, request: { step?: Step; state?: SetupStep['state'] }) => {
    const said = request.step ? `${command} ${request.step} ${request.state ?? ''}` : command;
    asked.push(said);
    if (refused.has(said))
      return Promise.reject({
        code: 'not_yet',
        message: 'Not reached yet.',
        hint: 'Try.',
      } as unknown as Error);
    if (command === 'begin_setup') kept = { ...kept, going: true };
    if (command === 'finish_setup') kept = { ...kept, going: false };
    if (command === 'setup_step') {
      const { step, state = 'todo' } = request;
      kept = { ...kept, steps: kept.steps.map((one) => (one.step === step ? { ...one, state } : one)) };
    }
    return Promise.resolve(kept);
  };
  const player = { listen: () => () => undefined };
  const office = new Office({ call, player } as unknown as Backend, false);
  return { guide: new Guide(office), office, asked, refused };
}

describe('being led', () => {
  it('goes on after a restart where it was left', async () => {
    const { guide } = desk({ begun: true, going: true, steps: steps(['lines'], ['address']) });
    expect([guide.known, guide.going]).toEqual([false, false]);
    await guide.ask();
    expect([guide.known, guide.going, guide.step]).toEqual([true, true, 'point']);
    // Asked again, nobody is taken from the page they went back to.
    guide.back();
    await guide.ask();
    expect(guide.step).toBe('address');
  });

  it('marks a step done or skipped, goes on, and ends after the last', async () => {
    const { guide, office, asked } = desk({ begun: true, going: true, steps: steps(order.slice(0, 6)) });
    office.section = 'settings';
    await guide.ask();
    expect(guide.step).toBe('test');
    await guide.mark('skipped');
    expect([guide.step, groupStates(guide.steps).test]).toEqual(['rules', 'todo']);
    await guide.mark('done');
    expect([guide.going, office.section]).toEqual([false, 'inbox']);
    expect(asked).toEqual(['setup', 'setup_step test skipped', 'setup_step rules done', 'finish_setup']);
  });

  it('stays where the desk finds a step not done, and says why', async () => {
    const { guide, refused } = desk({ begun: true, going: true, steps: steps(['lines']) });
    await guide.ask();
    refused.add('setup_step address done');
    await guide.mark('done');
    expect([guide.step, guide.problem?.message, guide.busy]).toEqual(['address', 'Not reached yet.', false]);
    await guide.mark('skipped');
    expect([guide.step, guide.problem]).toEqual(['point', null]);
  });

  it('can be left at any step, and begun again at the first that is left', async () => {
    const { guide } = desk({ begun: true, going: true, steps: steps(['lines'], ['address']) });
    await guide.ask();
    guide.go('backup');
    await guide.leave();
    expect(guide.going).toBe(false);
    await guide.begin();
    expect([guide.going, guide.step]).toEqual([true, 'point']);
  });

  it('is not begun again by an answer that was asked for before it ended', async () => {
    const { guide, office } = desk({ begun: true, going: true, steps: steps([]) });
    await guide.ask();
    const { backend } = office;
    const old = { begun: true, going: true, steps: steps([]) };
    let answer = (): void => undefined;
    const late = { ...backend, call: () => new Promise((told) => (answer = () => told(old))) };
    Object.assign(office, { backend: late });
    const asking = guide.ask();
    Object.assign(office, { backend });
    await guide.leave();
    answer();
    await asking;
    expect(guide.going).toBe(false);
  });

  it('says that something was put off, once it is known and somebody is no longer led', async () => {
    const { guide } = desk({ begun: true, going: true, steps: steps(['lines'], ['address']) });
    expect(guide.putOff).toBe(false);
    await guide.ask();
    expect(guide.putOff).toBe(false);
    await guide.leave();
    expect(guide.putOff).toBe(true);
    const { guide: through } = desk({
      begun: true,
      going: false,
      steps: steps(['lines'], order.slice(1, -1)),
    });
    await through.ask();
    expect(through.putOff).toBe(false);
  });

  it('keeps the try of the line until it was done and is begun again', async () => {
    const { guide } = desk({ begun: true, going: true, steps: steps(order.slice(0, 6)) });
    await guide.ask();
    const { trial } = guide;
    trial.sent = { conversation: 'me', text: 'hello' };
    await guide.leave();
    await guide.begin();
    expect(guide.trial).toBe(trial);
    await guide.mark('done');
    guide.back();
    expect(guide.trial.sent?.text).toBe('hello');
    await guide.leave();
    await guide.begin();
    expect(guide.trial.sent).toBeNull();
  });

  it('shows afterwards only the conversation that was asked for just before the end', () => {
    const { guide } = desk({ begun: true, going: true, steps: steps([]) });
    guide.hold({ to: 'conversation', id: 'maria' }, 1_000);
    expect(guide.held(60_999)).toBe('maria');
    expect(guide.held(60_999)).toBeNull();
    guide.hold({ to: 'conversation', id: 'maria' }, 1_000);
    expect(guide.held(61_000)).toBeNull();
    guide.hold({ to: 'conversation', id: 'maria' }, 1_000);
    guide.hold({ to: 'health' }, 2_000);
    expect(guide.held(3_000)).toBeNull();
  });

  it('is one for the whole window', () => {
    const { office } = desk({ begun: true, going: false, steps: [] });
    expect(guideOf(office)).toBe(guideOf(office));
  });
});
