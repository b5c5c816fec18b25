// What is asked of a part of the window that may not be here yet: it is done as soon as it is. What is typed meanwhile
// goes where it leads, and presses nothing of what is on the screen.

export class Awaited<T> {
  readonly #here: () => T | undefined;
  readonly #load: () => Promise<void>;
  /** What was asked last, while it is waited for. */
  #asked: ((there: T) => void) | null = null;
  #typed = '';

  /** `here`: the part, where it is on the screen. `load`: brings it there, where it can be. */
  constructor(here: () => T | undefined, load: () => Promise<void>) {
    this.#here = here;
    this.#load = load;
  }

  /** Does something with it, now or as soon as it is here. */
  ask(act: (there: T) => void): void {
    const here = this.#here();
    if (here) return act(here);
    const isFirst = this.#asked === null;
    this.#asked = act;
    if (isFirst) void this.#load().then(() => this.#act());
  }

  /** Takes a key while it is waited for, before anybody else does. */
  hold(event: KeyboardEvent): void {
    if (!this.#asked) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.key === 'Escape') {
      this.#asked = null;
      this.#typed = '';
    } else if (event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey) {
      this.#typed += event.key;
    }
  }

  #act(): void {
    const [there, asked, typed] = [this.#here(), this.#asked, this.#typed];
    this.#asked = null;
    this.#typed = '';
    if (!there || !asked) return;
    asked(there);
    if (typed !== '') enter(typed);
  }
}

/** Types words where the focus is, if words can be typed there. */
function enter(words: string): void {
  const field = document.activeElement;
  if (!field?.matches('textarea, input:not([type])')) return;
  const { selectionStart, selectionEnd, value } = field as HTMLInputElement | HTMLTextAreaElement;
  const end = value.length;
  (field as HTMLInputElement).setRangeText(words, selectionStart ?? end, selectionEnd ?? end, 'end');
  field.dispatchEvent(new Event('input', { bubbles: true }));
}
