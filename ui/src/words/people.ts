// How people are named and drawn.

import { words } from './en';

/** Their first name, where they have one. */
export const firstName = (name: string | null) => name?.trim().split(/\s+/)[0] || null;

/** A template with the customer's first name in it. */
export function addressed(body: string, name: string | null): string {
  return body.replaceAll('{name}', firstName(name) ?? words.template.nameless);
}

/** Up to two initials, none for a number. */
export function initials(name: string | null): string {
  if (!name) return '';
  const parts = name.split(/\s+/).filter(Boolean);
  const first = [...(parts[0] ?? '')][0] ?? '';
  const last = parts.length > 1 ? ([...(parts.at(-1) ?? '')][0] ?? '') : '';
  return (first + last).toUpperCase();
}

/** One of six colours, the same for the same person. */
export function colour(key: string): number {
  let hash = 7;
  for (const c of key) hash = (hash * 31 + (c.codePointAt(0) ?? 0)) >>> 0;
  return (hash % 6) + 1;
}
