// Copies of what is kept: backups and the recovery code that seals them, exports, and the start after a damage. And
// deleting a customer, of whom only backups hold a copy then.

import { isCommandError, type Backend, type Front } from '../backend/backend';
import type {
  CommandError,
  Conversation,
  DataBackup,
  DataBackups,
  Exported,
} from '../backend/generated/desk';
import { bareCode, data as said, slip, which } from '../words/data';
import { words } from '../words/en';
import { Asking } from './asking.svelte';
import type { Office } from './office.svelte';

/** What was refused, or a word for what went wrong otherwise. */
const refusal = (error: unknown): CommandError =>
  isCommandError(error) ? error : { code: 'unknown', ...words.failed };

/** The backups of one office. */
export class Backups {
  readonly #backend: Backend;
  /** As they are. */
  readonly asking: Asking<DataBackups>;
  /** What is being done: one is made, or the one of that name is checked. */
  doing = $state.raw<{ make: true } | { check: string } | null>(null);
  /** The one that could not be checked, and why not. */
  refused = $state.raw<{ name: string; why: CommandError } | null>(null);
  /** What came of it, for who cannot see it. */
  said = $state('');

  constructor(backend: Backend) {
    this.#backend = backend;
    this.asking = new Asking(() => backend.call('data_backups', {}));
  }

  /** Whether one is being made, here or elsewhere. */
  get making(): boolean {
    return (this.doing !== null && 'make' in this.doing) || (this.asking.value?.running ?? false);
  }

  /** The one that is being checked. */
  get checking(): string | null {
    return this.doing !== null && 'check' in this.doing ? this.doing.check : null;
  }

  /** Makes one now. */
  async backUp(): Promise<void> {
    if (this.making) return;
    const done = await this.#do({ make: true }, () => this.#backend.call('back_up_now', {}));
    if (done) this.said = done.problem ?? said.backups.made;
  }

  /** Looks one through, from the outside only where the code is not given. Says whether it was looked through. */
  async check({ name, at }: DataBackup, code: string, now: number): Promise<boolean> {
    const request = { name, ...(code.trim() && { code: code.trim() }) };
    const done = await this.#do({ check: name }, () => this.#backend.call('verify_backup', request));
    if (!done) {
      // It is told beside that one, and says nothing of the others.
      const { problem: why } = this.asking;
      this.asking.problem = null;
      if (why) this.refused = { name, why };
      return false;
    }
    const after = done.backups.find((one) => one.name === name);
    if (!after) return true;
    this.said = (after.problem === null ? said.backups.foundWhole : said.backups.foundDamaged)(
      which({ at }, now),
    );
    return true;
  }

  /** Takes what another act answered. */
  take(backups: DataBackups): void {
    void this.asking.act(() => Promise.resolve(backups));
  }

  async #do(
    what: NonNullable<Backups['doing']>,
    act: () => Promise<DataBackups>,
  ): Promise<DataBackups | null> {
    if (this.doing !== null || this.asking.busy) return null;
    this.doing = what;
    this.refused = null;
    this.said = '';
    const done = await this.asking.act(act);
    this.doing = null;
    return done ? this.asking.value : null;
  }
}

/** Something written to a file for the owner. */
export class Export {
  busy = $state(false);
  done = $state.raw<Exported | null>(null);
  problem = $state.raw<CommandError | null>(null);

  async write(what: () => Promise<Exported>): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    this.done = null;
    this.problem = null;
    try {
      this.done = await what();
    } catch (error) {
      this.problem = refusal(error);
    } finally {
      this.busy = false;
    }
  }
}

/** Where somebody is with the recovery code. */
export type CodeStep = 'show' | 'type' | 'done' | 'prove' | 'lost' | 'stop';

/** Setting, replacing and dropping the recovery code. What is secret is forgotten with `forget`. */
export class Recovery {
  readonly #backend: Backend;
  readonly #backups: Backups;
  step = $state<CodeStep>('show');
  /** The new code; empty until there is one. */
  code = $state('');
  typed = $state('');
  /** Whether another one was in use before. */
  replaces = $state(false);
  busy = $state(false);
  problem = $state.raw<Pick<CommandError, 'message' | 'hint'> | null>(null);
  /** The code of what the office refused last. */
  #refused: CommandError['code'] | null = null;

  constructor(backend: Backend, backups: Backups) {
    this.#backend = backend;
    this.#backups = backups;
  }

  /** Begins: with a new code, or with a question for the one in use. */
  async begin(sealed: boolean): Promise<void> {
    this.forget();
    this.replaces = sealed;
    if (sealed) this.step = 'prove';
    else await this.make();
  }

  /** Begins to stop sealing. */
  beginStop(): void {
    this.forget();
    this.step = 'stop';
  }

  /** Goes on to another step; what was typed is typed anew. */
  go(step: CodeStep): void {
    this.step = step;
    this.typed = '';
    this.problem = null;
  }

  /** Has a new code made. It seals nothing yet. */
  async make(): Promise<void> {
    this.go('show');
    await this.#act(async () => {
      this.code = (await this.#backend.call('new_recovery_code', {})).code;
    });
  }

  /** Takes the code in use, and then makes a new one. */
  async prove(): Promise<void> {
    if (this.#isMissing()) return;
    const { typed: code } = this;
    const known = await this.#act(async () => {
      this.#backups.take(await this.#backend.call('use_recovery_code', { code }));
    });
    if (known) await this.make();
    else if (this.#refused === 'wrong_code') this.problem = said.recovery.notInUse;
  }

  /** Takes the new code as it was typed back: it seals from now on. */
  async use(): Promise<void> {
    if (this.#isMissing()) return;
    const wrong = slip(this.code, this.typed);
    if (wrong) {
      this.problem = wrong;
      return;
    }
    const code = bareCode(this.typed);
    const taken = await this.#act(async () => {
      this.#backups.take(await this.#backend.call('use_recovery_code', { code }));
    });
    if (!taken) return;
    this.code = '';
    this.go('done');
  }

  /** Seals no more backups. Says whether that holds now. */
  async stop(): Promise<boolean> {
    if (this.#isMissing()) return false;
    const { typed: code } = this;
    const stopped = await this.#act(async () => {
      this.#backups.take(await this.#backend.call('drop_recovery_code', { code }));
    });
    if (stopped) this.#backups.said = said.recovery.stopped;
    return stopped;
  }

  /** Forgets what is secret. */
  forget(): void {
    this.code = '';
    this.typed = '';
    this.problem = null;
  }

  #isMissing(): boolean {
    const missing = bareCode(this.typed) === '';
    if (missing) this.problem = { message: said.codeMissing, hint: said.codeHint };
    return missing;
  }

  async #act(what: () => Promise<void>): Promise<boolean> {
    if (this.busy) return false;
    this.busy = true;
    this.problem = null;
    this.#refused = null;
    try {
      await what();
      return true;
    } catch (error) {
      const refused = refusal(error);
      this.problem = refused;
      this.#refused = refused.code;
      return false;
    } finally {
      this.busy = false;
    }
  }
}

interface Data {
  backups: Backups;
  everything: Export;
}
const known = new WeakMap<Office, Data>();

/** The copies of an office: what is being made goes on while something else is shown. */
export function dataOf(office: Office): Data {
  const data = known.get(office) ?? { backups: new Backups(office.backend), everything: new Export() };
  known.set(office, data);
  return data;
}

/** Whether a folder is named from its beginning. */
export const isWholePath = (path: string) => /^(\/|[a-z]:[\\/]|\\\\)/i.test(path);

/** Rows above and below that are kept in mind, to go on to one of them. */
const NEAR = 20;

/** Deletes a customer, and goes on to the next conversation. Gives why not, where it was refused. */
export async function deleteCustomer(
  office: Office,
  { id, who, atTwilio }: { id: string; who: string; atTwilio: boolean },
): Promise<CommandError | null> {
  const { list } = office;
  const at = list.placeOf(id);
  const rows = (by: 1 | -1) =>
    Array.from({ length: NEAR }, (_, n) => list.at((at ?? 0) + by * (n + 1))).filter(
      (row): row is Conversation => row !== undefined,
    );
  const near = at === null ? [] : [...rows(1), ...rows(-1)];
  const here = () => office.openId === null || office.openId === id;
  // The office may tell that they are gone before it answers.
  const draft = office.draft(id);
  const goOn = draft.hold();
  try {
    await office.backend.call('delete_customer', { conversation: id, at_twilio: atTwilio });
  } catch (error) {
    goOn();
    return refusal(error);
  }
  draft.drop();
  await office.quietly(() => list.load(true));
  office.undoable = { said: (atTwilio ? said.customer.goneThere : said.customer.gone)(who), undo: null };
  // Their other conversations are gone, too. Who went on to another one meanwhile stays there.
  const next = near.find((row) => list.placeOf(row.id) !== null);
  if (here()) await office.show(next?.id ?? null);
  return null;
}

/** Bringing back a backup in the place of what is damaged; or one of a folder, where nothing is kept yet. */
export class Restoring {
  readonly #front: Pick<Front, 'backupsFound' | 'restore'>;
  /** Whether somebody has to say where the backups are. */
  readonly elsewhere: boolean;
  folder = $state('');
  /** The folder what was found is in. */
  #looked: string | undefined;
  /** What was found, newest first; null until then. */
  found = $state.raw<readonly DataBackup[] | null>(null);
  /** The one the owner chose themselves. */
  #picked = $state<string | null>(null);
  code = $state('');
  busy = $state(false);
  looking = $state(false);
  problem = $state.raw<Pick<CommandError, 'message' | 'hint'> | null>(null);

  constructor(front: Pick<Front, 'backupsFound' | 'restore'>, elsewhere = false) {
    this.#front = front;
    this.elsewhere = elsewhere;
  }

  /** Those that can be brought back. */
  get whole(): readonly DataBackup[] {
    return this.found?.filter(({ problem }) => problem === null) ?? [];
  }

  /** The one that would be brought back: the newest, unless another was chosen. */
  get chosen(): DataBackup | null {
    return this.whole.find(({ name }) => name === this.#picked) ?? this.whole[0] ?? null;
  }

  /** Chooses one. */
  pick({ name }: DataBackup): void {
    this.#picked = name;
    this.problem = null;
  }

  /** Looks for backups. */
  async look(): Promise<void> {
    if (this.looking) return;
    this.problem = null;
    if (this.elsewhere) {
      const folder = this.folder.trim();
      if (!isWholePath(folder)) {
        this.problem = said.restoring.elsewhere.notWhole;
        return;
      }
      this.#looked = folder;
    }
    this.looking = true;
    await this.#find().catch((error: unknown) => (this.problem = refusal(error)));
    this.looking = false;
  }

  /** Asks for another folder. */
  lookElsewhere(): void {
    this.found = null;
    this.#picked = null;
    this.code = '';
    this.problem = null;
  }

  /** Brings it back. Says whether it did. */
  async go(): Promise<boolean> {
    const { chosen, code } = this;
    if (!chosen || this.busy) return false;
    if (chosen.sealed && bareCode(code) === '') {
      this.problem = { message: said.codeMissing, hint: said.restoring.codeHint };
      return false;
    }
    this.busy = true;
    this.problem = null;
    try {
      await this.#front.restore(chosen.name, chosen.sealed ? code : null, this.#looked);
      this.code = '';
      return true;
    } catch (error) {
      this.problem = refusal(error);
      // What is wrong with it may be known by now. The one that was tried stays chosen where it can be tried again.
      this.#picked = chosen.name;
      await this.#find().catch(() => undefined);
      return false;
    } finally {
      this.busy = false;
    }
  }

  async #find(): Promise<void> {
    this.found = [...(await this.#front.backupsFound(this.#looked))].sort((a, b) => b.at - a.at);
  }
}
