// The way to a backup on a computer that keeps nothing yet, as the first page offers it. What follows is loaded on
// its own, with its words in data.ts.

export const bringBack = 'Bring back a backup';
