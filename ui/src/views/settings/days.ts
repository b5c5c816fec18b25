// How long things are kept: what is typed, and whether it deletes more than before.

import type { Keep } from '../../backend/generated/desk';

/** Fewest and most days something can be kept. */
const FEWEST = 7;
const MOST = 36_500;
const UNITS: Record<string, number> = { d: 1, w: 7, m: 30, y: 365 };

/** Days out of what somebody typed: "90", "90 days", "2 years"; or what is wrong with it. */
export function daysOf(typed: string): number | 'few' | 'many' {
  const [, number = '', unit = 'd'] =
    /^(\d+)\s*(d(?:ays?)?|w(?:eeks?)?|m(?:onths?)?|y(?:ears?)?)?$/i.exec(typed.trim()) ?? [];
  const days = Number(number) * (UNITS[unit.charAt(0).toLowerCase()] ?? 1);
  if (days < FEWEST) return 'few';
  return days > MOST ? 'many' : days;
}

/** Whether settings may delete something that others keep. */
export function isStricter(before: Keep, wanted: Keep): boolean {
  const isShorter = (was: number | null, is: number | null) => is !== null && (was === null || is < was);
  return (
    isShorter(before.texts_days, wanted.texts_days) ||
    isShorter(before.calls_days, wanted.calls_days) ||
    isShorter(before.voicemails_days, wanted.voicemails_days) ||
    (wanted.delete_at_twilio && !before.delete_at_twilio) ||
    (wanted.delete_recordings_at_twilio && !before.delete_recordings_at_twilio)
  );
}
