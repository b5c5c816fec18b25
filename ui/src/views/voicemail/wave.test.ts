import { describe, expect, it } from 'vitest';
import type { Word } from '../../backend/generated/desk';
import { bars, begun, outline, wordAt } from './wave';

describe('the waveform', () => {
  it('keeps the loudest of what a bar stands for', () => {
    expect(bars([0, 255, 51, 0], 2)).toEqual([1, 0.2]);
    expect(bars([255, 0], 4)).toEqual([1, 1, 0, 0]);
  });

  it('is flat where nothing is known', () => {
    expect(bars([], 3)).toEqual([0, 0, 0]);
    expect(outline([], 2)).toBe('M0.5 47.5v5.0M1.5 47.5v5.0');
  });
});

describe('the words', () => {
  const word = (text: string, start_ms: number, end_ms: number): Word => ({
    text,
    start_ms,
    end_ms,
    unsure: false,
  });
  const words = [word('Hi', 200, 500), word('Nora,', 500, 900), word('it’s', 3_000, 3_200)];

  it('begin one after another', () => {
    expect([0, 200, 499, 500, 2_999, 9_000].map((ms) => begun(words, ms))).toEqual([0, 1, 1, 2, 2, 3]);
    expect(begun([], 1)).toBe(0);
  });

  it('are marked while they are said, and none in a pause', () => {
    expect([0, 300, 700, 1_200, 1_400, 3_100, 4_000].map((ms) => wordAt(words, ms))).toEqual([
      -1, 0, 1, 1, -1, 2, -1,
    ]);
  });
});
