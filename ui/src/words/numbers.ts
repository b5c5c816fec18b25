// Our phones' numbers as people write them. What customers' numbers look like, the office says.

import type { Lines, Phone } from '../backend/generated/desk';

const NORTH_AMERICA = new Set(['US', 'CA', 'PR']);

/** A number of ours: the short way where it is from here, and spaced where it is from North America. */
export function written(number: string, region: string): string {
  const [, area, exchange, rest] = /^\+1(\d{3})(\d{3})(\d{4})$/.exec(number) ?? [];
  if (!area) return number;
  return NORTH_AMERICA.has(region) ? `(${area}) ${exchange}-${rest}` : `+1 ${area}-${exchange}-${rest}`;
}

/** What a phone is called. */
export const called = (phone: Phone, region: string) => phone.name || written(phone.number, region);

/** Whether a phone is one of our lines, which would ring in circles. */
export const isOurs = (phone: Phone, { lines }: Lines) => lines.some((line) => line.number === phone.number);
