// How far connecting the line has come, and the step that is on the screen. The desk keeps it; a restart
// goes on where it was left.

import { isCommandError, type Call } from '../backend/backend';
import type { CommandError, Setup, SetupStep, Step } from '../backend/generated/desk';
import { words } from '../words/en';
import type { Office } from './office.svelte';

/** The steps in their order. */
export const order = [
  'lines',
  'address',
  'point',
  'hours',
  'greeting',
  'backup',
  'test',
  'rules',
] as const satisfies readonly Step[];

/** What the steps are shown as, in their order. */
export const groups = ['account', 'number', 'reach', 'hours', 'backup', 'test'] as const;
export type Group = (typeof groups)[number];

export const groupOf: Record<Step, Group> = {
  lines: 'number',
  address: 'reach',
  point: 'reach',
  hours: 'hours',
  greeting: 'hours',
  backup: 'backup',
  test: 'test',
  rules: 'test',
};

export type GroupState = 'todo' | 'done' | 'skipped';

/** How far each group got: done once all its steps are, skipped where one was gone past. */
export function groupStates(steps: SetupStep[]): Record<Group, GroupState> {
  const stateOf = (group: Group): GroupState => {
    // Nobody comes here without an account.
    if (group === 'account') return 'done';
    const own = steps.filter(({ step }) => groupOf[step] === group);
    if (own.length === 0 || own.some(({ state }) => state === 'todo')) return 'todo';
    return own.some(({ state }) => state === 'skipped') ? 'skipped' : 'done';
  };
  return Object.fromEntries(groups.map((group) => [group, stateOf(group)])) as Record<Group, GroupState>;
}

/** Where to go on: the first step nobody did; else the first that was skipped. */
export function whereToGoOn(steps: SetupStep[]): Step | null {
  const first = (wanted: SetupStep['state']) =>
    order.find((one) => steps.some(({ step, state }) => step === one && state === wanted));
  return first('todo') ?? first('skipped') ?? null;
}

/** The step before or after another. */
export function beside(step: Step, by: 1 | -1): Step | null {
  return order[order.indexOf(step) + by] ?? null;
}

/** The owner trying their line. It lasts however pages are turned meanwhile. */
export class Trial {
  /** When it began, in milliseconds: a call from then on is one of it. */
  readonly began_at = Date.now();
  /** The owner's own mobile, as it is typed; null until somebody knows. */
  mobile = $state<string | null>(null);
  /** The line it is sent from, E.164; empty: the first. */
  from = $state('');
  /** The conversation with oneself, and the text that was sent in it. */
  sent = $state.raw<{ conversation: string; text: string } | null>(null);
}

/** Milliseconds a conversation that was asked for waits until somebody is no longer led. */
const WAITS = 60_000;

/** The owner being led to a working line. */
export class Guide {
  readonly #office: Office;
  #progress = $state.raw<Setup | null>(null);
  /** Whether it was asked for: until then nobody knows what to show. */
  known = $state(false);
  step = $state<Step>('lines');
  busy = $state(false);
  problem = $state.raw<CommandError | null>(null);
  #asked = 0;
  #trial: Trial | null = null;
  #waiting: { id: string; since: number } | null = null;

  constructor(office: Office) {
    this.#office = office;
  }

  get going(): boolean {
    return this.#progress?.going ?? false;
  }

  get steps(): SetupStep[] {
    return this.#progress?.steps ?? [];
  }

  /**
   * Whether something is left to do for later. The rules alone do not count: the line check-up goes over them,
   * too.
   */
  get putOff(): boolean {
    const left = this.steps.some(({ step, state }) => state === 'todo' && step !== 'rules');
    return (this.#progress?.begun ?? false) && !this.going && left;
  }

  /** The owner's try of their line. */
  get trial(): Trial {
    return (this.#trial ??= new Trial());
  }

  /**
   * Something is asked for that would take the owner away: it is not shown. Done later by itself it would only
   * surprise; a conversation whose notification was clicked just before the end is still meant.
   */
  hold(call: Call, now: number): void {
    this.#waiting = call.to === 'conversation' ? { id: call.id, since: now } : null;
  }

  /** The conversation that is still meant, once nobody is led any more. */
  held(now: number): string | null {
    const waiting = this.#waiting;
    this.#waiting = null;
    return waiting && now - waiting.since < WAITS ? waiting.id : null;
  }

  /** Asks how far it is. */
  async ask(): Promise<void> {
    const asked = ++this.#asked;
    try {
      const answer = await this.#office.backend.call('setup', {});
      // What was done meanwhile is newer.
      if (asked === this.#asked && !this.busy) this.#take(answer);
    } catch {
      // The inbox is there without it, and it is asked for again.
    } finally {
      this.known = true;
    }
  }

  /** Begins, or goes through it again. */
  begin(): Promise<void> {
    return this.#act(async () => {
      this.#take(await this.#office.backend.call('begin_setup', {}));
      // Whoever tried it to the end tries it anew.
      if (this.steps.some(({ step, state }) => step === 'test' && state === 'done')) this.#trial = null;
    });
  }

  /** Says how far the step on the screen got, and goes on to the next. The desk looks whether it is done. */
  mark(state: 'done' | 'skipped'): Promise<void> {
    const { step } = this;
    return this.#act(async () => {
      this.#take(await this.#office.backend.call('setup_step', { step, state }));
      const next = beside(step, 1);
      if (next) this.step = next;
      else await this.#finish();
    });
  }

  /** Shows another step. */
  go(step: Step): void {
    if (this.busy) return;
    this.problem = null;
    this.step = step;
  }

  back(): void {
    const before = beside(this.step, -1);
    if (before) this.go(before);
  }

  /** Leaves the rest for later. */
  leave(): Promise<void> {
    return this.#act(() => this.#finish());
  }

  async #finish(): Promise<void> {
    this.#take(await this.#office.backend.call('finish_setup', {}));
    this.#office.section = 'inbox';
  }

  #take(progress: Setup): void {
    const begins = progress.going && !this.going;
    this.#progress = progress;
    if (!begins) return;
    this.problem = null;
    this.step = whereToGoOn(progress.steps) ?? order[0];
  }

  async #act(what: () => Promise<void>): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    this.#asked += 1;
    this.problem = null;
    try {
      await what();
    } catch (error) {
      this.problem = isCommandError(error) ? error : { code: 'unknown', ...words.failed };
    } finally {
      this.busy = false;
    }
  }
}

const guides = new WeakMap<Office, Guide>();

/** The one guide of an office: whoever begins it anew means the one the window shows. */
export function guideOf(office: Office): Guide {
  const known = guides.get(office) ?? new Guide(office);
  guides.set(office, known);
  return known;
}
