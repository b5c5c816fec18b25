// Answers that are asked for before anybody wants to see them, so that seeing them waits for nobody.

/** Answers held at most; the oldest go first. */
const HELD = 8;

interface Held<T> {
  coming: Promise<T>;
  /** What came; null until then. */
  here: T | null;
}

/** Each answer is right until something is told of what it is about. */
export class Neighbours<T> {
  readonly #question: (id: string) => Promise<T>;
  readonly #held = new Map<string, Held<T>>();

  constructor(question: (id: string) => Promise<T>) {
    this.#question = question;
  }

  /** An answer that is here. */
  here(id: string): T | null {
    return this.#held.get(id)?.here ?? null;
  }

  /** Asks, unless that was done: somebody may want to see it soon. */
  expect(id: string): void {
    if (!this.#held.has(id)) void this.ask(id);
  }

  /** An answer that is here or on its way, or else a new one. */
  get(id: string): Promise<T> {
    return this.#held.get(id)?.coming ?? this.ask(id);
  }

  /** Asks anew. */
  ask(id: string): Promise<T> {
    const held: Held<T> = { coming: this.#question(id), here: null };
    this.#held.delete(id);
    this.#held.set(id, held);
    for (const oldest of this.#held.keys()) {
      if (this.#held.size <= HELD) break;
      this.#held.delete(oldest);
    }
    held.coming.then(
      (answer) => (held.here = answer),
      () => {
        // Whoever wants to see it asks once more, and is told.
        if (this.#held.get(id) === held) this.#held.delete(id);
      },
    );
    return held.coming;
  }

  /** Something was told of one, or of all. What is on its way may be older than that. */
  changed(id: string | null): void {
    if (id === null) this.#held.clear();
    else this.#held.delete(id);
  }
}
