// How loud a voicemail is along the way, as a drawing; and which of its words is said at a moment.

import type { Word } from '../../backend/generated/desk';

/** The loudest a peak can be. */
const LOUDEST = 255;
/** Percent of the height a bar has where nothing is heard, and where it is loudest. */
const [LOWEST, HIGHEST] = [5, 94];
/** Milliseconds a word is marked after its end, before the next. */
const LINGERS = 400;

/** So many bars of the same width, each as high as the loudest it stands for; flat where nothing is known. */
export function bars(peaks: readonly number[], count: number): number[] {
  return Array.from({ length: count }, (_, n) => {
    const from = Math.floor((n * peaks.length) / count);
    const to = Math.max(from + 1, Math.floor(((n + 1) * peaks.length) / count));
    return Math.max(0, ...peaks.slice(from, to)) / LOUDEST;
  });
}

/** The bars as one path, in a box of `count` by 100. */
export function outline(peaks: readonly number[], count: number): string {
  return bars(peaks, count)
    .map((loud, n) => {
      const height = LOWEST + loud * (HIGHEST - LOWEST);
      return `M${n + 0.5} ${(50 - height / 2).toFixed(1)}v${height.toFixed(1)}`;
    })
    .join('');
}

/** How many words have begun at a moment. */
export function begun(words: readonly Word[], ms: number): number {
  let [from, to] = [0, words.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((words[middle]?.start_ms ?? 0) <= ms) from = middle + 1;
    else to = middle;
  }
  return from;
}

/** The word that is said at a moment; -1 in a pause. */
export function wordAt(words: readonly Word[], ms: number): number {
  const last = begun(words, ms) - 1;
  const word = words[last];
  return word && ms < word.end_ms + LINGERS ? last : -1;
}
