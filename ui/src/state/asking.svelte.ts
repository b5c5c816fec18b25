// Something the desk is asked for, asked again, and changed by acts that answer it as it is afterwards.

import { isCommandError } from '../backend/backend';
import type { CommandError } from '../backend/generated/desk';
import { words } from '../words/en';

export class Asking<T> {
  readonly #ask: () => Promise<T>;
  /** As it was answered last. */
  value = $state.raw<T | null>(null);
  problem = $state.raw<CommandError | null>(null);
  /** Whether somebody waits for an answer. */
  busy = $state(false);
  #asked = 0;

  constructor(ask: () => Promise<T>) {
    this.#ask = ask;
  }

  /** Asks, and says what went wrong. */
  again(): Promise<boolean> {
    return this.act(this.#ask);
  }

  /** Does something that answers how it is now. Says whether it was done. */
  async act(what: () => Promise<T>): Promise<boolean> {
    if (this.busy) return false;
    this.busy = true;
    this.problem = null;
    this.#asked += 1;
    try {
      this.value = await what();
      return true;
    } catch (error) {
      this.problem = isCommandError(error) ? error : { code: 'unknown', ...words.failed };
      return false;
    } finally {
      this.busy = false;
    }
  }

  /** Asks without anybody waiting: what is shown stays where there is no answer. */
  async quietly(): Promise<void> {
    if (this.busy) return;
    const asked = ++this.#asked;
    const answer = await this.#ask().catch(() => null);
    // Asked twice, the older answer may come last.
    if (answer !== null && asked === this.#asked) this.value = answer;
  }
}
