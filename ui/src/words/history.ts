// The words of what is fetched of the past.

import type { History } from '../backend/generated/desk';
import { callCount, textCount } from './catching';
import { words } from './en';
import { moments } from './formats';

const day = moments({ year: 'numeric', month: 'long', day: 'numeric' });

export const history = {
  title: 'Earlier texts and calls',
  looking: 'Looking at what is here…',
  none: 'Nothing to bring in yet',
  noneHint: 'Once a line is connected, its last 30 days are brought in by themselves.',
  running: (range: string) => `Bringing in ${range}`,
  runningHint: 'New texts and calls come in meanwhile. You can go on working.',
  stopped: 'Stopped',
  stoppedHint: (back: string | null) => `${back ?? 'Nothing was brought in yet.'} It can go on where it was.`,
  done: (range: string) => `All of ${range} is here`,
  lastDays: (n: number) => (n === 1 ? 'the last day' : `the last ${n} days`),
  ranges: {
    30: 'the last 30 days',
    91: 'the last 3 months',
    183: 'the last 6 months',
    396: 'the last 13 months',
  },
  choices: [
    ['30', '30 days'],
    ['91', '3 months'],
    ['183', '6 months'],
    ['396', '13 months'],
  ] as const,
  choice: 'How far back',
  choiceHint: 'Twilio keeps about 13 months. What is brought in counts as read, and nobody is texted.',
  bring: (range: string) => `Bring in ${range}`,
  starting: 'Starting…',
  stop: 'Stop bringing them in',
  stopping: 'Stopping…',
  goOn: 'Go on',
  backTo: (date: string) => `Everything back to ${date} is here.`,
  progress: (percent: number) => `${percent} %`,
  nothing: 'No texts or calls',
  /** In the setup, below the numbers. */
  byThemselves: 'The last 30 days are brought in by themselves; choose more',
  /** Leads there; ends the sentence. */
  inSettings: 'in Settings, under Lines',
} as const;

/** So many days, inside a sentence. */
export const range = (days: number): string =>
  (history.ranges as Record<number, string>)[days] ?? history.lastDays(days);

/** What was brought in of before: "1,204 texts and 85 calls". */
export function broughtIn({ texts, calls }: Pick<History, 'texts' | 'calls'>): string {
  const parts = [texts > 0 && textCount(texts), calls > 0 && callCount(calls)];
  return words.and(parts.filter((part) => part !== false)) || history.nothing;
}

/** How far back everything is here; null where nobody knows. */
export const backTo = ({ back_to }: Pick<History, 'back_to'>): string | null =>
  back_to === null ? null : history.backTo(day.format(back_to));

/** The head of what is said about the past, and the words below it. */
export function historySaid(past: History, problem: string | null): { title: string; hint: string } {
  const said = history;
  switch (past.state) {
    case 'none':
      return { title: said.none, hint: said.noneHint };
    case 'running':
      return { title: said.running(range(past.days)), hint: problem ?? said.runningHint };
    case 'stopped':
      return { title: said.stopped, hint: said.stoppedHint(backTo(past)) };
    case 'done':
      return { title: said.done(range(past.days)), hint: `${broughtIn(past)}.` };
  }
}

/** How far bringing in the past got. */
export const progressSaid = (past: History): string =>
  [`${history.progress(past.percent)}.`, backTo(past), `${broughtIn(past)}.`]
    .filter((part) => part !== null)
    .join(' ');
