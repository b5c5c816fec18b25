// The world's countries and time zones. Working them out takes a while, so it is done when they are first listed.

import { once } from './formats';

/** The world's time zones, as IANA names them. */
export const timeZones = once(() => Intl.supportedValuesOf('timeZone'));

const NO_COUNTRY = new Set(['EU', 'EZ', 'QO', 'UN', 'XA', 'XB', 'ZZ']);
const LETTERS = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
/** Countries by their two letters, in the order of their names. */
export const regionNames = once((): readonly (readonly [string, string])[] => {
  const regions = new Intl.DisplayNames(undefined, { type: 'region', fallback: 'none' });
  return LETTERS.flatMap((first) =>
    LETTERS.flatMap((second) => {
      const code = first + second;
      const name = regions.of(code);
      // Names of today's countries only: no old ones, no groups, nothing made up.
      const known = name && !NO_COUNTRY.has(code) && new Intl.Locale(`und-${code}`).region === code;
      return known ? [[code, name] as const] : [];
    }),
  ).sort(([, a], [, b]) => a.localeCompare(b));
});
