// What the window shows, kept up with what is stored. A Change says what became stale; the view is
// asked for again, at most once a frame.

import type { Backend } from '../backend/backend';
import { isCommandError } from '../backend/backend';
import type {
  Change,
  CommandError,
  Conversation,
  Filter,
  Health,
  Lines,
  OpenConversation,
  Settings,
  TimelineItem,
} from '../backend/generated/desk';

export interface Notice {
  text: string;
  hint: string;
}

/** Conversations shown at first, and at most: the counter gives no more at once. */
const PAGE = 100;
const MOST = 500;

/** Two parts of a timeline as one, nothing twice. */
function joined(before: TimelineItem[], after: TimelineItem[]): TimelineItem[] {
  const known = new Set(after.map((item) => item.id));
  return [...before.filter((item) => !known.has(item.id)), ...after];
}

/** The office as one window sees it. */
export class Office {
  readonly backend: Backend;
  practice = $state(false);
  lines = $state.raw<Lines>({ business_name: '', lines: [] });
  settings = $state.raw<Settings | null>(null);
  health = $state.raw<Health | null>(null);
  filter = $state<Filter>('all');
  list = $state.raw<Conversation[]>([]);
  unread = $state(0);
  waiting = $state(0);
  more = $state(false);
  loaded = $state(false);
  openId = $state<string | null>(null);
  open = $state.raw<OpenConversation | null>(null);
  notice = $state.raw<Notice | null>(null);
  /** Counts Changes, for whoever follows them on its own. */
  news = $state(0);
  now = $state(Date.now());

  #stale = { list: false, open: false, about: false, health: false };
  #planned = false;
  #limit = PAGE;

  constructor(backend: Backend) {
    this.backend = backend;
  }

  /** Loads what is there and follows what comes. */
  async start(): Promise<void> {
    this.practice = (await this.backend.about()).practice;
    const list = await this.#loadList();
    await Promise.all([this.#loadAbout(), this.#loadHealth()]);
    await this.backend.subscribe(list, (changes) => this.#told(changes));
  }

  /** Moves the clock on; the window does it once a second. */
  tick(now: number): void {
    this.now = now;
    // A connection is lost and found without a Change.
    if (Math.round(now / 1_000) % 15 === 0) this.#plan({ health: true });
  }

  async show(id: string | null): Promise<void> {
    this.openId = id;
    if (!id) {
      this.open = null;
      return;
    }
    await this.act(() => this.#loadOpen());
  }

  /** Opens the conversation above or below in the list. */
  async step(by: 1 | -1): Promise<void> {
    const at = this.list.findIndex((row) => row.id === this.openId);
    const next = this.list[at < 0 ? 0 : at + by];
    if (next) await this.show(next.id);
  }

  async choose(filter: Filter): Promise<void> {
    this.filter = filter;
    this.#limit = PAGE;
    await this.act(() => this.#loadList());
  }

  /** Shows more of the list. */
  async longer(): Promise<void> {
    this.#limit = Math.min(this.#limit + PAGE, MOST);
    await this.act(() => this.#loadList());
  }

  /** Marks the open conversation read, once the person can see it. */
  async seen(): Promise<void> {
    const open = this.open;
    if (open && open.conversation.unread > 0 && document.hasFocus()) {
      await this.backend.call('mark_read', { id: open.conversation.id });
    }
  }

  async setDone(done: boolean): Promise<void> {
    const id = this.openId;
    if (!id) return;
    const at = this.list.findIndex((row) => row.id === id);
    const next = this.list[at + 1] ?? this.list[at - 1] ?? null;
    await this.act(() => this.backend.call(done ? 'mark_done' : 'reopen', { id }));
    if (done) await this.show(next?.id ?? null);
  }

  /** Shows the part of the timeline before what is shown. */
  async earlier(): Promise<void> {
    const open = this.open;
    const from = open?.older;
    if (!open || !from) return;
    await this.act(async () => {
      const part = await this.backend.call('conversation', { id: open.conversation.id, older: from });
      this.open = { ...open, timeline: joined(part.timeline, open.timeline), older: part.older };
    });
  }

  /** Does something and says what went wrong, if anything did. */
  async act<T>(what: () => Promise<T>): Promise<T | undefined> {
    try {
      const done = await what();
      this.notice = null;
      return done;
    } catch (error) {
      const told: CommandError = isCommandError(error)
        ? error
        : { code: 'unknown', message: 'That did not work.', hint: 'Try once more.' };
      this.notice = { text: told.message, hint: told.hint };
      return undefined;
    }
  }

  #told(changes: Change[]): void {
    this.news += changes.length;
    const about = changes.some((change) => change.kind === 'settings_changed');
    const health = changes.some((change) => change.kind === 'health_changed');
    const open = changes.some((change) => change.conversation === this.openId);
    this.#plan({ list: true, open, about, health });
  }

  #plan(stale: Partial<{ list: boolean; open: boolean; about: boolean; health: boolean }>): void {
    for (const key of ['list', 'open', 'about', 'health'] as const) {
      this.#stale[key] ||= stale[key] ?? false;
    }
    if (this.#planned) return;
    this.#planned = true;
    // A hidden window gets no frames; it still keeps up.
    const soon = document.hidden ? (run: () => void) => setTimeout(run, 100) : requestAnimationFrame;
    soon(() => void this.#refresh());
  }

  async #refresh(): Promise<void> {
    this.#planned = false;
    const stale = this.#stale;
    this.#stale = { list: false, open: false, about: false, health: false };
    try {
      await Promise.all([
        stale.list && this.#loadList(),
        stale.open && this.#loadOpen(),
        stale.about && this.#loadAbout(),
        stale.health && this.#loadHealth(),
      ]);
    } catch {
      // Asked again with the next Change or second; what is shown stays.
      setTimeout(() => this.#plan(stale), 1_000);
    }
  }

  async #loadList(): Promise<number> {
    const filter = this.filter;
    const answer = await this.backend.call('conversations', { filter, limit: this.#limit });
    if (filter === this.filter) {
      this.list = answer.conversations;
      this.more = answer.more && this.#limit < MOST;
      this.unread = answer.unread;
      this.waiting = answer.waiting;
      this.loaded = true;
    }
    return answer.seq;
  }

  async #loadOpen(): Promise<void> {
    const id = this.openId;
    if (!id) return;
    const answer = await this.backend.call('conversation', { id });
    // Somebody may have gone on to another conversation meanwhile.
    if (id !== this.openId) return;
    const shown = this.open?.conversation.id === id ? this.open : null;
    const begins = answer.timeline[0]?.at ?? Infinity;
    // What was scrolled back to stays; the newest part is always as it is stored.
    const before = shown?.timeline.filter((item) => item.at < begins) ?? [];
    const older = before.length > 0 && shown ? shown.older : answer.older;
    this.open = { ...answer, timeline: joined(before, answer.timeline), older };
    await this.seen();
  }

  async #loadAbout(): Promise<void> {
    [this.lines, this.settings] = await Promise.all([
      this.backend.call('lines', {}),
      this.backend.call('settings', {}),
    ]);
  }

  async #loadHealth(): Promise<void> {
    this.health = await this.backend.call('health', {});
  }
}
