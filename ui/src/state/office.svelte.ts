// What the window shows, kept up with what is stored. A Change says what became stale; the view is
// asked for again, at most once a frame.

import { untrack } from 'svelte';
import type { Answer, Backend } from '../backend/backend';
import { isCommandError } from '../backend/backend';
import { caller } from '../words/callers';
import { words } from '../words/en';
import { Calls } from './calls.svelte';
import { Conversations } from './conversations.svelte';
import { Draft } from './draft.svelte';
import { beforeFrame, onceDrawn } from './frames';
import { Neighbours } from './neighbours';
import { Playback } from './player.svelte';
import { Search } from './search.svelte';
import { Voicemails } from './voicemails.svelte';
import type {
  Change,
  CommandError,
  Health,
  Lines,
  OpenConversation,
  Phone,
  Settings,
  TimelineItem,
  Voicemail,
} from '../backend/generated/desk';

export interface Notice {
  text: string;
  hint: string;
}

/** The parts of the settings. */
export const sections = [
  'calls',
  'voicemail',
  'business',
  'texts',
  'notifications',
  'look',
  'keeping',
  'data',
  'line',
] as const;

/** What the program shows. */
export type Section = 'inbox' | 'calls' | 'voicemail' | 'health' | 'settings';

/** What is shown and kept up, each part on its own. */
const parts = ['list', 'open', 'about', 'health', 'calls', 'voicemails'] as const;
type Stale = Partial<Record<(typeof parts)[number], boolean>>;

/** Changes that may show in the call log. */
const MOVES_CALLS = new Set<Change['kind']>(['call_changed', 'call_missed', 'conversation_changed']);

/** Changes that may show in the list of voicemails. Who was texted waits no longer. */
const MOVES_VOICEMAILS = new Set<Change['kind']>([
  'voicemail_changed',
  'voicemail_written',
  'call_changed',
  'call_missed',
  'conversation_changed',
  'text_changed',
]);

/** Something that was done and can be undone; null where there is nothing to undo. */
export interface Undoable {
  said: string;
  undo: (() => Promise<unknown>) | null;
}

/** What is known of a customer, as it came with their conversation. */
export interface Card {
  conversation: string;
  known: Answer<'contact'>;
  /** How much was told before it was asked for. */
  news: number;
}

/** What a conversation is opened with. */
interface Opened {
  answer: OpenConversation;
  /** Only where it is shown beside it. */
  card: Card | null;
}

/** A timeline in which what stayed as it is shown is the same: it is not drawn anew. */
function settled(timeline: TimelineItem[], shown: TimelineItem[]): TimelineItem[] {
  const known = new Map(shown.map((item) => [item.id, item]));
  return timeline.map((item) => {
    const one = known.get(item.id);
    return one && JSON.stringify(one) === JSON.stringify(item) ? one : item;
  });
}

/** Two parts of a timeline as one, nothing twice. */
function joined(before: TimelineItem[], after: TimelineItem[]): TimelineItem[] {
  const known = new Set(after.map((item) => item.id));
  return [...before.filter((item) => !known.has(item.id)), ...after];
}

/** Whether it makes a conversation unread: a text of theirs, or a call nobody took, with a message or without. */
const isNews = (item: TimelineItem): boolean =>
  item.type === 'text' ? item.incoming : item.type === 'call' && item.missed;

/** The first of what is unread, where something was read before it. */
function firstUnseen({ conversation, timeline }: OpenConversation): string | null {
  const arrived = timeline.filter(isNews);
  const first = arrived.at(-conversation.unread);
  return conversation.unread > 0 && first && first !== timeline[0] ? first.id : null;
}

/** Whether something of ours was written after all that was shown. */
function isAnswered(timeline: TimelineItem[], shown: TimelineItem[]): boolean {
  const known = new Set(shown.map((item) => item.id));
  const newest = shown.at(-1)?.at ?? 0;
  return timeline.some(
    (item) => item.type === 'text' && !item.incoming && item.at >= newest && !known.has(item.id),
  );
}

/** The office as one window sees it. */
export class Office {
  readonly backend: Backend;
  readonly practice: boolean;
  lines = $state.raw<Lines>({ business_name: '', lines: [] });
  settings = $state.raw<Settings | null>(null);
  health = $state.raw<Health | null>(null);
  readonly list: Conversations;
  readonly calls: Calls;
  readonly voicemails: Voicemails;
  readonly player: Playback;
  readonly search: Search;
  openId = $state<string | null>(null);
  open = $state.raw<OpenConversation | null>(null);
  /** What is known of the customer of the open conversation, where it came with it. */
  card = $state.raw<Card | null>(null);
  /** The text that was looked for in the open conversation. */
  sought = $state<string | null>(null);
  /** The first of what came since the owner last looked into the open conversation. */
  fresh = $state<string | null>(null);
  notice = $state.raw<Notice | null>(null);
  undoable = $state.raw<Undoable | null>(null);
  /** Whether what is known of the customer is shown beside the conversation. */
  panel = $state(false);
  /** Counts Changes, for whoever follows them on its own. */
  news = $state(0);
  /** Whether what is shown could not be kept up just now. */
  away = $state(false);
  /** What is being written, by conversation. */
  readonly #drafts: Record<string, Draft> = {};
  /** What of the program is shown. */
  section = $state<Section>('inbox');
  settingsSection = $state<(typeof sections)[number]>('business');
  /** Whether a setting was saved just now. */
  saved = $state(false);
  now = $state(Date.now());

  /** The conversation that was open last, and the list it stood in. */
  #left: { id: string; list: string } | null = null;
  /** What whoever goes through the list will open next, and what they had open before. */
  readonly #near = new Neighbours((id) => this.#ask(id));
  #stale: Stale = {};
  #planned = false;

  constructor(backend: Backend, practice: boolean) {
    this.backend = backend;
    this.practice = practice;
    this.list = new Conversations(backend);
    this.calls = new Calls(backend);
    this.voicemails = new Voicemails(backend);
    this.player = new Playback(backend);
    this.search = new Search(
      backend,
      (error) => this.#failed(error),
      () => (this.sought = null),
    );
  }

  /** Loads what is there and follows what comes. */
  async start(): Promise<void> {
    for (;;) {
      try {
        const [list] = await Promise.all([this.list.load(), this.#loadAbout(), this.#loadHealth()]);
        await this.backend.subscribe(list, (changes) => this.#told(changes));
        // What was asked for beside the list may be older than the list is. The eye comes first.
        this.#near.changed(null);
        // What is opened from now on is as new.
        const open = this.openId !== null;
        this.away = false;
        onceDrawn(() => this.#plan({ open, about: true, health: true }));
        return;
      } catch {
        this.away = true;
        await new Promise((again) => setTimeout(again, 1_000));
      }
    }
  }

  /** Moves the clock on; the window does it once a second. */
  tick(now: number): void {
    const counts = (item: TimelineItem) => item.type === 'text' && (item.undo_until ?? 0) > this.now;
    // Seconds are seen only while a text can be taken back.
    const often = this.open?.timeline.some(counts) ?? false;
    const quarter = Math.round(now / 1_000) % 15 === 0;
    if (often || quarter) this.now = now;
    // A connection is lost and found without a Change.
    if (quarter) this.#plan({ health: true });
  }

  /** Opens a conversation, at a text of it where one is named. */
  async show(id: string | null, text: string | null = null): Promise<void> {
    if (id !== this.openId) this.fresh = null;
    if (!id && this.openId) this.#left = { id: this.openId, list: this.#listed };
    this.openId = id;
    this.sought = text;
    if (!id) {
      this.open = null;
      return;
    }
    const here = text === null && this.open?.conversation.id !== id ? this.#near.here(id) : null;
    if (here === null) {
      await this.act(() => this.#loadOpen(text));
      return;
    }
    this.notice = null;
    this.#take(id, here);
  }

  /** Somebody is about to open a conversation. */
  expect(id: string): void {
    if (id !== this.openId) this.#near.expect(id);
  }

  /** Which list is shown. */
  get #listed(): string {
    return this.list.filter + String(this.list.line);
  }

  /** Opens the conversation above or below in the list; where none is open, beside the one that was. */
  async step(by: 1 | -1): Promise<void> {
    const left = this.#left?.list === this.#listed ? this.#left.id : null;
    const from = this.openId ?? left;
    const at = from === null ? null : this.list.placeOf(from);
    const next = at === null ? 0 : at + by;
    if (next < 0 || next >= this.list.total) return;
    await this.list.reach(next);
    const row = this.list.at(next);
    if (!row) return;
    await this.show(row.id);
    // Whoever goes through the list goes on, or back.
    for (const place of [next + by, next - by]) {
      const beside = this.list.at(place);
      if (beside) this.expect(beside.id);
    }
  }

  /** What is being written in a conversation. A draft that was kept is taken up once. */
  draft(id: string): Draft {
    return (this.#drafts[id] ??= untrack(
      () => new Draft(this.open?.conversation.id === id ? this.open.draft : ''),
    ));
  }

  /** Begins to write in a conversation; what was begun before stays. */
  begin(id: string, body: string): void {
    const draft = this.draft(id);
    if (!draft.body.includes(body)) draft.body = [draft.body.trim(), body].filter(Boolean).join('\n');
  }

  /** Marks the open conversation read, once the person can see it. */
  async seen(): Promise<void> {
    const open = this.open;
    const watched = this.section === 'inbox' && document.hasFocus();
    if (open && open.conversation.unread > 0 && watched) {
      await this.backend.call('mark_read', { id: open.conversation.id });
    }
  }

  /** Puts the open conversation away and goes on to the next, or takes it out again. */
  async setDone(done: boolean): Promise<void> {
    const { openId: id, open } = this;
    // What is named must be what is on the screen.
    if (!id || open?.conversation.id !== id) return;
    const at = this.list.placeOf(id);
    const next = at === null ? null : (this.list.at(at + 1) ?? this.list.at(at - 1) ?? null);
    const turn = async (to: boolean) => {
      await this.backend.call(to ? 'mark_done' : 'reopen', { id });
      return this.list.load(true);
    };
    if ((await this.act(() => turn(done))) === undefined) return;
    const { name, display } = open.conversation;
    const said = done ? words.putAway(name ?? display) : words.reopened(name ?? display);
    this.undoable = { said, undo: () => turn(!done).then(() => this.show(id)) };
    if (done) await this.show(next?.id ?? null);
  }

  /** Leaves the open conversation for later. */
  async unsee(): Promise<void> {
    const { openId: id, open } = this;
    // What is named must be what is on the screen.
    if (!id || open?.conversation.id !== id) return;
    await this.show(null);
    if ((await this.act(() => this.backend.call('mark_unread', { id }))) === undefined) return;
    const { name, display } = open.conversation;
    this.undoable = { said: words.madeUnread(name ?? display), undo: () => this.show(id) };
  }

  /** Blocks a caller, or no longer does. */
  async setBlocked(conversation: string, who: string, blocked: boolean): Promise<void> {
    const turn = async (to: boolean) => {
      await this.backend.call(to ? 'block_caller' : 'unblock_caller', { id: conversation });
      await this.calls.load(true);
      return to;
    };
    if ((await this.act(() => turn(blocked))) === undefined) return;
    const said = blocked ? words.calls.isBlocked(who) : words.calls.isUnblocked(who);
    this.undoable = { said, undo: () => turn(!blocked) };
  }

  /** Deletes a voicemail and goes on to the next. */
  async removeVoicemail(voicemail: Voicemail): Promise<void> {
    const { id } = voicemail;
    const isOpen = this.voicemails.openId === id;
    const next = this.voicemails.beside(id);
    const turn = async (removed: boolean) => {
      await this.backend.call('remove_voicemail', { voicemail: id, removed });
      return removed;
    };
    await this.player.stop(voicemail);
    if ((await this.act(() => turn(true))) === undefined) return;
    const undo = () =>
      turn(false)
        .then(() => this.voicemails.load(true))
        .then(() => this.voicemails.show(id));
    this.undoable = { said: words.voicemail.removed(caller(voicemail)), undo };
    if (isOpen) await this.voicemails.show(next?.id ?? null);
    await this.quietly(() => this.voicemails.load(true));
  }

  /** Marks a voicemail heard, or not heard. */
  async setHeard({ id: voicemail }: Voicemail, heard: boolean): Promise<void> {
    // Before the office: what was heard until now would make it heard again.
    if (!heard) this.player.unheard({ id: voicemail });
    await this.act(() => this.backend.call('mark_heard', { voicemail, heard }));
  }

  /** Saves the sound of a voicemail as a file, and says where. */
  async saveCopy({ id }: Voicemail): Promise<void> {
    const where = await this.act(() => this.backend.player.saveCopy(id));
    if (where !== undefined) this.undoable = { said: words.voicemail.copied(where), undo: null };
  }

  /** Closes for the rest of the day, or opens again. */
  async closeEarly(closed: boolean): Promise<void> {
    const turn = async (to: boolean) =>
      (this.settings = await this.backend.call(to ? 'close_early' : 'open_again', {}));
    if ((await this.act(() => turn(closed))) === undefined) return;
    this.undoable = {
      said: closed ? words.closedEarly : words.openedAgain,
      undo: () => turn(!closed),
    };
  }

  /** The phones of ours that can be rung to call somebody from a line. */
  phonesOf(line: string): Phone[] {
    const number = this.lines.lines.find((one) => one.id === line)?.number ?? '';
    const own = this.settings?.lines[number]?.phones ?? [];
    return own.length > 0 ? own : (this.settings?.calls.phones ?? []);
  }

  /** What the owner calls a line, or else its number; null where it is the only one. */
  lineName(line: string): string | null {
    const all = this.lines.lines;
    const one = all.length > 1 ? all.find(({ id }) => id === line) : undefined;
    return one ? (one.name && one.name !== one.number ? one.name : one.display) : null;
  }

  /** Shows a part of the settings. */
  configure(section: (typeof sections)[number]): void {
    this.settingsSection = section;
    this.section = 'settings';
  }

  /** Keeps a note in a conversation. */
  async note(id: string, body: string): Promise<boolean> {
    return (await this.act(() => this.backend.call('add_note', { id, body }))) !== undefined;
  }

  /** Removes a note. */
  async removeNote(id: string): Promise<void> {
    const turn = (removed: boolean) => this.backend.call('remove_note', { id, removed });
    if ((await this.act(() => turn(true))) === undefined) return;
    this.undoable = { said: words.note.removed, undo: () => turn(false) };
  }

  /** Undoes what was done last. */
  async undo(): Promise<void> {
    const last = this.undoable;
    this.undoable = null;
    if (last?.undo) await this.act(last.undo);
  }

  /** Changes settings by a merge patch. Says whether they were taken. */
  async change(patch: Record<string, unknown>): Promise<boolean> {
    this.saved = false;
    const taken = await this.act(() => this.backend.call('apply_settings', patch));
    this.settings = taken ?? this.settings;
    this.saved = taken !== undefined;
    return taken !== undefined;
  }

  /** Pauses notifications for some minutes, until tomorrow morning (null), or no longer (0). */
  async pause(minutes: number | null): Promise<void> {
    this.settings =
      (await this.act(() => this.backend.call('pause_notifications', { minutes }))) ?? this.settings;
  }

  /** Whether Twilio takes voicemail while the program does not run; null where that is not known. */
  async isBackedUp(): Promise<boolean | null> {
    const backup = await this.backend.call('backup', {}).catch(() => null);
    return backup && backup.state === 'ready';
  }

  /** Asks for everything that is on the screen again: the page slept. */
  refresh(): void {
    const { section } = this;
    this.#near.changed(null);
    this.#plan({
      list: true,
      open: true,
      about: true,
      health: true,
      calls: section === 'calls',
      voicemails: section === 'voicemail',
    });
  }

  /** Shows the part of the timeline before what is shown. */
  async earlier(): Promise<void> {
    const open = this.open;
    const from = open?.older;
    if (!open || !from) return;
    await this.act(async () => {
      const id = open.conversation.id;
      const part = await this.backend.call('conversation', { id, older: from });
      const now = this.open;
      // Somebody may have gone on, or something may have come in meanwhile.
      if (now?.conversation.id !== id) return;
      this.open = { ...now, timeline: joined(part.timeline, now.timeline), older: part.older };
    });
  }

  /** Does something and says what went wrong, if anything did. */
  async act<T>(what: () => Promise<T>): Promise<T | undefined> {
    try {
      const done = await what();
      this.notice = null;
      return done;
    } catch (error) {
      this.#failed(error);
      return undefined;
    }
  }

  /** Does something nobody asked for just now: only a failure is said. */
  async quietly(what: () => Promise<unknown>): Promise<void> {
    await what().catch((error: unknown) => this.#failed(error));
  }

  #failed(error: unknown): void {
    const told: CommandError = isCommandError(error) ? error : { code: 'unknown', ...words.failed };
    this.notice = { text: told.message, hint: told.hint };
  }

  /** Whoever tells was out of reach, and may tell of older data now. */
  #anew(): void {
    this.news += 1;
    // Its numbers may have begun lower again.
    if (this.open) this.open = { ...this.open, seq: 0 };
    this.refresh();
  }

  /** What became stale. Where nothing is named, all of it may be. */
  #told(changes: Change[]): void {
    if (changes.length === 0) {
      this.#anew();
      return;
    }
    this.news += changes.length;
    // A text that may be taken back for five seconds is not to say six.
    this.now = Date.now();
    const about = changes.some((change) => change.kind === 'settings_changed');
    const health = changes.some((change) => change.kind === 'health_changed');
    for (const { kind, conversation } of changes) {
      if (kind !== 'health_changed') this.#near.changed(conversation);
    }
    const open = changes.some(
      ({ kind, conversation }) =>
        // Where it names none, it may be any of them.
        conversation === this.openId || (kind === 'conversation_changed' && conversation === null),
    );
    // Whoever opens the log asks for it.
    const calls = this.section === 'calls' && changes.some(({ kind }) => MOVES_CALLS.has(kind));
    const voicemails = this.section === 'voicemail' && changes.some(({ kind }) => MOVES_VOICEMAILS.has(kind));
    this.#plan({ list: true, open, about, health, calls, voicemails });
  }

  #plan(stale: Stale): void {
    for (const part of parts) this.#stale[part] ||= stale[part] ?? false;
    if (this.#planned) return;
    this.#planned = true;
    beforeFrame(() => void this.#refresh());
  }

  async #refresh(): Promise<void> {
    this.#planned = false;
    const stale = this.#stale;
    this.#stale = {};
    try {
      await Promise.all([
        stale.list && this.list.load(),
        stale.list && this.search.ask(),
        stale.open && this.#loadOpen(),
        stale.about && this.#loadAbout(),
        stale.health && this.#loadHealth(),
        stale.calls && this.calls.load(),
        stale.voicemails && this.voicemails.load(),
      ]);
      this.away = false;
    } catch {
      // Asked again with the next Change or second; what is shown stays.
      this.away = true;
      setTimeout(() => this.#plan(stale), 1_000);
    }
  }

  async #loadOpen(until: string | null = null): Promise<void> {
    const id = this.openId;
    if (!id) return;
    const isShown = this.open?.conversation.id === id;
    const asked = until ? this.#ask(id, until) : isShown ? this.#near.ask(id) : this.#near.get(id);
    const opened = await asked.catch((error: unknown) => this.#gone(id, error));
    // Somebody may have gone on to another conversation meanwhile.
    if (opened === null || id !== this.openId) return;
    this.#take(id, opened);
  }

  /** Asks for a conversation, and for what is known of its customer where that is to appear beside it. */
  async #ask(id: string, until: string | null = null): Promise<Opened> {
    const { news } = this;
    const beside = this.panel && this.open?.conversation.id !== id;
    const [answer, known] = await Promise.all([
      this.backend.call('conversation', { id, ...(until && { until }) }),
      // Where it does not come, the panel asks for it, and says so.
      beside ? this.backend.call('contact', { id }).catch(() => null) : null,
    ]);
    return { answer, card: known && { conversation: id, known, news } };
  }

  /** Shows what was answered about the conversation that is to be open. */
  #take(id: string, { answer, card }: Opened): void {
    const shown = this.open?.conversation.id === id ? this.open : null;
    // Asked twice, the older answer may come last.
    if (shown && answer.seq < shown.seq) return;
    const begins = answer.timeline[0]?.at ?? Infinity;
    // What was scrolled back to stays; the newest part is always as it is stored. Where more came than one part
    // holds, the two do not meet: what lies between is asked for when somebody scrolls back.
    const known = shown?.timeline ?? [];
    const meet = !answer.older || answer.timeline.some(({ id }) => known.some((item) => item.id === id));
    const before = meet ? known.filter((item) => item.at < begins) : [];
    const older = before.length > 0 && shown ? shown.older : answer.older;
    if (!shown || (this.fresh === null && !document.hasFocus())) this.fresh = firstUnseen(answer);
    if (!shown) this.card = card;
    // Whoever answers has found what they looked for.
    if (shown && isAnswered(answer.timeline, shown.timeline)) this.sought = null;
    const timeline = joined(before, settled(answer.timeline, known));
    this.open = { ...answer, timeline, older };
    // Nobody waits for it to be kept before they can read.
    onceDrawn(() => {
      if (this.openId === id) void this.quietly(() => this.seen());
    });
  }

  /** The conversation that is shown was deleted, here or elsewhere: it is shown no longer. */
  #gone(id: string, error: unknown): null {
    const deleted = isCommandError(error) && error.code === 'not_found' && this.open?.conversation.id === id;
    if (!deleted) throw error;
    this.#drafts[id]?.drop();
    if (this.openId === id) this.openId = this.open = null;
    return null;
  }

  async #loadAbout(): Promise<void> {
    [this.lines, this.settings] = await Promise.all([
      this.backend.call('lines', {}),
      this.backend.call('settings', {}),
    ]);
    this.player.known(this.settings.playback.speed_percent);
  }

  async #loadHealth(): Promise<void> {
    this.health = await this.backend.call('health', {});
  }
}
