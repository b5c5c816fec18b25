import { describe, expect, it } from 'vitest';
import { words } from '../words/en';
import { begins } from './search.svelte';

describe('a word that is not found', () => {
  it('is looked for by its first letters, where it has enough of them', () => {
    expect(['radiatr', ' Électricien ', 'leaky tap', 'tap', '4155550176', 'flat2b', ''].map(begins)).toEqual([
      'rad',
      'Éle',
      null,
      null,
      null,
      null,
      null,
    ]);
  });

  it('is said to be', () => {
    const { nothing } = words.search;
    expect(nothing.title('radiatr')).toBe('Nothing found for “radiatr”');
    expect(nothing.text(begins('radiatr'))).toMatch(/^Try the first letters of the word: “rad”\. /);
    expect(nothing.text(begins('leaky tap'))).toMatch(/^Try fewer words/);
  });
});
