// Looking for names, numbers and words while they are typed.

import type { Backend } from '../backend/backend';
import type { Results } from '../backend/generated/desk';

export class Search {
  words = $state('');
  results = $state.raw<Results | null>(null);
  /** The words the results are for. */
  answered = $state('');
  /** Which result the arrow keys are on. */
  chosen = $state(0);

  readonly #backend: Backend;
  readonly #failed: (error: unknown) => void;
  readonly #emptied: () => void;
  #asking = false;

  /** `emptied`: nothing is looked for any longer. */
  constructor(backend: Backend, failed: (error: unknown) => void, emptied: () => void) {
    this.#backend = backend;
    this.#failed = failed;
    this.#emptied = emptied;
  }

  type(words: string): void {
    this.words = words;
    this.chosen = 0;
    if (words.trim() === '') {
      this.results = null;
      this.#emptied();
    } else if (!this.#asking) void this.ask();
  }

  /** Asks, and once more for what was typed meanwhile. */
  async ask(): Promise<void> {
    this.#asking = true;
    try {
      for (let words = ''; words !== this.words && this.words.trim() !== '';) {
        words = this.words;
        const results = await this.#backend.call('search', { words });
        if (words === this.words) {
          this.results = results;
          this.answered = words;
        }
      }
    } catch (error) {
      this.#failed(error);
    } finally {
      this.#asking = false;
    }
  }

  /** How many results there are. */
  get count(): number {
    return this.results ? this.results.people.length + this.results.texts.length : 0;
  }

  move(by: 1 | -1): void {
    this.chosen = Math.max(0, Math.min(this.count - 1, this.chosen + by));
  }
}

/** Letters of a word by which others that begin so are found. */
const BEGINS = 3;
/** The letters by which to look for a single word that was not found, as a slip is rarely among them; or null. */
export function begins(words: string): string | null {
  const letters = /^\p{L}{5,}$/u.exec(words.trim().normalize('NFC'));
  return letters ? [...letters[0]].slice(0, BEGINS).join('') : null;
}

/** The pieces of a snippet; every second one was looked for. */
export function pieces(snippet: string): { text: string; hit: boolean }[] {
  return snippet
    .split('\u0002')
    .flatMap((part, n) => {
      const [hit = '', rest = ''] = part.split('\u0003');
      return n === 0
        ? [{ text: part, hit: false }]
        : [
            { text: hit, hit: true },
            { text: rest, hit: false },
          ];
    })
    .filter(({ text }) => text !== '');
}
