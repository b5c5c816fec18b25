// How people are named and drawn.

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
