import { expect, it } from 'vitest';
import { bare, looksLike } from './account';

const DIGITS = '0123456789abcdef0123456789abcdef';

it('tells an id that looks right from one that is not complete or of another kind', () => {
  expect(looksLike('AC', `AC${DIGITS}`)).toBe(true);
  expect(looksLike('AC', ` AC${DIGITS}\n`)).toBe(true);
  expect(looksLike('SK', `SK${DIGITS.toUpperCase()}`)).toBe(true);
  for (const wrong of [
    '',
    'AC',
    `AC${DIGITS.slice(1)}`,
    `AC${DIGITS}0`,
    `SK${DIGITS}`,
    `AC${DIGITS.replace('f', 'g')}`,
  ])
    expect([wrong, looksLike('AC', wrong)]).toEqual([wrong, false]);
});

it('leaves out what comes along when something is pasted', () => {
  expect(bare('  AC12 34\r\n')).toBe('AC1234');
});
