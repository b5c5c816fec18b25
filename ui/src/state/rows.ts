// Which rows of a long list are made.

/**
 * Those that are made wherever the list stands: its first one, and the chosen one. WebKit sometimes measures a row
 * that it has not laid out yet, as nothing high; at the start of a list such a row would be left out as out of
 * sight, and so never be measured again.
 */
export function alwaysMade(chosen = 0): number[] {
  return chosen > 0 ? [0, chosen] : [0];
}
