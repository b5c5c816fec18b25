// A question that is asked again and again, one at a time.

const ignore = () => undefined;

/** Asked while an answer is awaited, it asks once more after it, for everybody who asked meanwhile. */
export class Turns<T> {
  readonly #question: (own: boolean) => Promise<T>;
  /** The question that is being answered, and the one after it. */
  #asking: Promise<T> | null = null;
  #after: Promise<T> | null = null;
  #ownNext = false;

  constructor(question: (own: boolean) => Promise<T>) {
    this.#question = question;
  }

  /** Asks, for what the owner did themselves (`own`) or for what came. */
  ask(own = false): Promise<T> {
    if (!this.#asking) return this.#begin(own);
    this.#ownNext ||= own;
    this.#after ??= this.#asking.then(ignore, ignore).then(() => {
      const own = this.#ownNext;
      this.#after = null;
      this.#ownNext = false;
      return this.ask(own);
    });
    return this.#after;
  }

  #begin(own: boolean): Promise<T> {
    const asking = this.#question(own).finally(() => {
      if (this.#asking === asking) this.#asking = null;
    });
    this.#asking = asking;
    return asking;
  }
}
