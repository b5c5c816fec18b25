// Telling callers that what they say is recorded: which greetings already do, and how to add it.

import type { Settings } from '../../backend/generated/desk';
import { setup } from '../../words/setup';

type Greetings = Settings['calls']['greetings'];
/** The greetings a message is taken after. */
const BEFORE_A_MESSAGE = ['open', 'closed'] as const;

const tells = (text: string) => /\brecord/i.test(text);

/** Which greetings do not tell yet, of those that are spoken words. */
export const untold = (greetings: Greetings) =>
  BEFORE_A_MESSAGE.filter((which) => greetings[which].recording === null && !tells(greetings[which].text));

/** Whether a greeting is a recording, which nobody can add words to. */
export const isRecorded = (greetings: Greetings) =>
  BEFORE_A_MESSAGE.some((which) => greetings[which].recording !== null);

/** The settings that add the sentence where it is missing. */
export function withSentence(greetings: Greetings): Record<string, unknown> {
  const add = (text: string) => [text.trim(), setup.rules.sentence].filter(Boolean).join(' ');
  const patch = Object.fromEntries(
    untold(greetings).map((which) => [which, { text: add(greetings[which].text) }]),
  );
  return { calls: { greetings: patch } };
}
