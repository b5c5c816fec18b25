// What a caller would hear, now and at another moment. The office alone decides; this only asks.

import type { Command, Request } from '../../backend/backend';
import type { CommandError, Pack, Route } from '../../backend/generated/desk';
import type { Office } from '../../state/office.svelte';
import { dayKey, daysLater, weekdayOf } from './hours';
import { problemOf } from './keep';

export type When = 'now' | 'tonight' | 'sunday' | 'holiday' | 'picked';

export class Caller {
  readonly #office: Office;
  /** The line that is called, E.164; the first one where none is chosen. */
  line = $state<string | null>(null);
  when = $state<When>('now');
  /** What was picked, "2026-12-24T18:05". */
  picked = $state('');
  /** The number the call comes from, as it was typed. */
  from = $state('');
  /** How the line stands now. */
  now = $state.raw<Route | null>(null);
  /** What is heard at the chosen moment. */
  heard = $state.raw<Route | null>(null);
  /** When each day that is listed comes next; null: it is over. */
  dates = $state.raw<Record<string, string | null>>({});
  packs = $state.raw<Pack[]>([]);
  /** Why the chosen moment could not be asked for. */
  problem = $state.raw<CommandError | null>(null);
  #asked = 0;

  constructor(office: Office) {
    this.#office = office;
  }

  /** The date of the holiday that comes next. */
  readonly nextHoliday = $derived.by(() => {
    const dates = Object.values(this.dates).filter((date) => date !== null);
    return dates.sort()[0] ?? null;
  });

  /** Asks for everything anew. The last asking counts. */
  async ask(): Promise<void> {
    const asked = ++this.#asked;
    const answer = async <C extends Command>(command: C, request: Request<C>) => {
      const told = await this.#office.backend.call(command, request);
      if (asked !== this.#asked) throw new Outrun();
      return told;
    };
    const line = this.line === null ? {} : { line: this.line };
    const listed = this.#office.settings?.hours.holidays ?? [];
    try {
      const [now, { next, packs }] = await Promise.all([answer('route', line), answer('holidays', {})]);
      this.now = now;
      this.packs = packs;
      this.dates = Object.fromEntries(listed.map(({ day }, at) => [dayKey(day), next[at] ?? null]));
      const moment = this.#moment(now.local);
      this.heard = moment ? await answer('route', { ...line, ...moment }) : now;
      this.problem = null;
    } catch (error) {
      if (!(error instanceof Outrun)) this.problem = problemOf(error);
    }
  }

  /** What to ask for besides the line; nothing for now. */
  #moment(now: string): { local: string; from?: string } | null {
    const today = now.slice(0, 10);
    switch (this.when) {
      case 'now':
        return null;
      case 'tonight':
        return { local: now < `${today}T21:00` ? `${today}T21:00` : `${today}T23:59` };
      case 'sunday':
        return { local: `${daysLater(today, 6 - weekdayOf(today))}T12:00` };
      case 'holiday':
        return this.nextHoliday ? { local: `${this.nextHoliday}T12:00` } : null;
      case 'picked':
        return { local: this.picked || now, ...(this.from && { from: this.from }) };
    }
  }
}

/** Asked again meanwhile. */
class Outrun extends Error {}
