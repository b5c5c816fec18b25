// A part of the window that is loaded when it is first shown, so that the inbox does not wait for it.

export class Part<T> {
  /** What was loaded; null until then. */
  value = $state.raw<T | null>(null);
  failed = $state(false);
  readonly #load: () => Promise<{ default: T }>;
  #asked: Promise<void> | null = null;

  constructor(load: () => Promise<{ default: T }>) {
    this.#load = load;
  }

  /** Loads it, unless somebody did. What could not be loaded is tried anew. */
  need(): Promise<void> {
    return (this.#asked ??= this.#ask());
  }

  async #ask(): Promise<void> {
    this.failed = false;
    try {
      this.value = (await this.#load()).default;
    } catch {
      this.failed = true;
      this.#asked = null;
    }
  }
}
