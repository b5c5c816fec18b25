// How complete what is here is: what came while nobody could be reached here, what is fetched of the past, and what
// the owner is to decide after their data or their lines moved to another computer.

import { isCommandError } from '../backend/backend';
import type { CatchUp, CommandError } from '../backend/generated/desk';
import { catching as said } from '../words/catching';
import { words } from '../words/en';
import type { Office } from './office.svelte';

/** What the owner can wait for. */
type Act = 'check' | 'seen' | 'bring' | 'stop' | 'here' | 'unlock';

/** Milliseconds between two questions nobody waits for. */
const OFTEN = 1_000;

/** What was refused, or a word for what went wrong otherwise. */
const refusal = (error: unknown): CommandError =>
  isCommandError(error) ? error : { code: 'unknown', ...words.failed };

/** How complete one office is. */
export class Catching {
  readonly #office: Office;
  /** As it was answered last; null until then. */
  state = $state.raw<CatchUp | null>(null);
  /** What is being done. */
  readonly #doing = $state<Record<Act, boolean>>({
    check: false,
    seen: false,
    bring: false,
    stop: false,
    here: false,
    unlock: false,
  });
  /** Whether the owner asked for a look that goes on. */
  #waits = $state(false);
  /** Why the past is not brought in, or not stopped. */
  refused = $state.raw<CommandError | null>(null);
  /** Why sending stays locked. */
  stays = $state.raw<CommandError | null>(null);

  /** How Health was, and how much was told, when it was asked for last. */
  #sign = '';
  #asked = 0;
  #planned = false;
  #last = -Infinity;

  constructor(office: Office) {
    this.#office = office;
  }

  /** Whether the owner waits for a look at what may be missing. */
  get checking(): boolean {
    return this.#doing.check || this.#waits;
  }

  /** Whether something is being done. */
  doing(act: Act): boolean {
    return this.#doing[act];
  }

  /** Health or something else changed: asks again where the answer may be another. */
  told(): void {
    const { health, news } = this.#office;
    if (!health) return;
    const sign = `${health.complete_to} ${health.catching_up} ${news}`;
    const moves = this.state !== null && (this.state.running || this.state.away !== null);
    if (sign === this.#sign && !moves) return;
    this.#sign = sign;
    this.#soon();
  }

  /** Asks without anybody waiting: what is shown stays where there is no answer. */
  async ask(): Promise<void> {
    const asked = ++this.#asked;
    const answer = await this.#office.backend.call('catch_up_state', {}).catch(() => null);
    if (answer === null) {
      // Asked again with what comes next.
      this.#sign = '';
      return;
    }
    // Asked twice, the older answer may come last; and what was done meanwhile is newer.
    if (asked === this.#asked) this.#take(answer);
  }

  /** Fetches now what may be missing. */
  async check(): Promise<void> {
    if (this.checking) return;
    await this.#do('check', async () => {
      const answer = await this.#office.act(() => this.#office.backend.call('catch_up', {}));
      if (!answer) return;
      this.#take(answer);
      this.#waits = answer.running;
      if (this.#waits) this.#soon();
    });
  }

  /** The owner has seen what came while they were away. */
  async seen(): Promise<void> {
    await this.#do('seen', async () => {
      const answer = await this.#office.act(() => this.#office.backend.call('seen_away', {}));
      if (answer) this.#take(answer);
    });
  }

  /** Brings in so many days of before, or goes on with it. */
  async bringIn(days: number): Promise<void> {
    await this.#past('bring', () => this.#office.backend.call('bring_in_history', { days }));
  }

  /** Stops bringing in the past. What is here stays. */
  async stopHistory(): Promise<void> {
    await this.#past('stop', () => this.#office.backend.call('stop_history', {}));
  }

  /** Has the lines that another computer answers come here first. */
  async answerHere(): Promise<void> {
    await this.#do('here', async () => {
      const office = this.#office;
      const check = await office.act(() => office.backend.call('fix', { check: 'other_computer' }));
      if (!check) return;
      if (check.grade === 'pass') office.undoable = { said: said.elsewhere.gone, undo: null };
      else office.notice = { text: check.said, hint: check.hint ?? '' };
      office.refresh();
    });
  }

  /** Lets this computer send again. Says whether it may. */
  async unlock(): Promise<boolean> {
    let may = false;
    await this.#do('unlock', async () => {
      const office = this.#office;
      this.stays = null;
      try {
        await office.backend.call('unlock_sending', {});
        office.undoable = { said: said.locked.gone, undo: null };
        office.refresh();
        may = true;
      } catch (error) {
        this.stays = refusal(error);
      }
    });
    return may;
  }

  #past(act: Act, what: () => Promise<CatchUp>): Promise<void> {
    return this.#do(act, async () => {
      this.refused = null;
      try {
        this.#take(await what());
      } catch (error) {
        this.refused = refusal(error);
      }
    });
  }

  /** Does one thing of a kind at a time. */
  async #do(act: Act, what: () => Promise<void>): Promise<void> {
    if (this.#doing[act]) return;
    this.#doing[act] = true;
    try {
      await what();
    } finally {
      this.#doing[act] = false;
    }
  }

  #take(answer: CatchUp): void {
    // Whatever is still on its way was asked before.
    this.#asked += 1;
    this.state = answer;
    this.#waits &&= answer.running;
  }

  /** Asks soon, and not for every Change of a burst. */
  #soon(): void {
    if (this.#planned) return;
    this.#planned = true;
    const wait = Math.max(0, this.#last + OFTEN - performance.now());
    setTimeout(() => {
      this.#planned = false;
      this.#last = performance.now();
      void this.ask().then(() => {
        if (this.#waits) this.#soon();
      });
    }, wait);
  }
}

const known = new WeakMap<Office, Catching>();

/** The one of an office: what is done about it anywhere shows everywhere. */
export function catchingOf(office: Office): Catching {
  const one = known.get(office) ?? new Catching(office);
  known.set(office, one);
  return one;
}
