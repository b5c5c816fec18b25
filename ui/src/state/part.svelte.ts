// A part of the window that is loaded when it is first shown, so that the inbox does not wait for it.

export class Part<T> {
  /** What was loaded; null until then. */
  value = $state.raw<T | null>(null);
  failed = $state(false);
  readonly #load: () => Promise<{ default: T }>;
  #asked = false;

  constructor(load: () => Promise<{ default: T }>) {
    this.#load = load;
  }

  /** Loads it, unless somebody did. */
  async need(): Promise<void> {
    if (this.#asked) return;
    this.#asked = true;
    try {
      this.value = (await this.#load()).default;
    } catch {
      this.failed = true;
    }
  }
}
