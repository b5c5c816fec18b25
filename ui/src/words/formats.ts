// How moments and figures are written. Making a format takes milliseconds, so each is made when it is first needed.

/** Something that is made when it is first needed, and kept. */
export function once<T>(make: () => T): () => T {
  let made: { it: T } | null = null;
  return () => (made ??= { it: make() }).it;
}

/** A way of writing moments. */
export function moments(options: Intl.DateTimeFormatOptions): { format: (at: number | Date) => string } {
  const own = once(() => new Intl.DateTimeFormat(undefined, options));
  return { format: (at) => own().format(at) };
}

const figures = once(() => new Intl.NumberFormat('en'));
/** A number as people write it: "1,214". */
export const figure = (n: number): string => figures().format(n);
