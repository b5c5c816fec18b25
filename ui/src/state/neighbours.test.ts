import { describe, expect, it } from 'vitest';
import { Neighbours } from './neighbours';

/** Answers that come when they are told to. */
function slow() {
  const asked: string[] = [];
  const answers: { come: (answer: string) => void; fail: () => void }[] = [];
  const near = new Neighbours<string>((id) => {
    asked.push(id);
    return new Promise((come, fail) => answers.push({ come, fail: () => fail(new Error('no')) }));
  });
  return { asked, answers, near };
}

describe('what is asked for ahead', () => {
  it('is asked for once, and is there', async () => {
    const { asked, answers, near } = slow();
    near.expect('a');
    near.expect('a');
    expect([asked, near.here('a')]).toEqual([['a'], null]);
    const coming = near.get('a');
    answers[0]?.come('first');
    expect([await coming, near.here('a'), asked]).toEqual(['first', 'first', ['a']]);
  });

  it('is not there any more once something was told of it, also where it was on its way', async () => {
    const { asked, answers, near } = slow();
    const [early, other] = [near.get('a'), near.get('b')];
    near.changed('a');
    answers[0]?.come('old');
    answers[1]?.come('right');
    expect([await early, await other, near.here('a'), near.here('b')]).toEqual([
      'old',
      'right',
      null,
      'right',
    ]);
    near.expect('a');
    expect(asked).toEqual(['a', 'b', 'a']);
    near.changed(null);
    expect(near.here('b')).toBeNull();
  });

  it('is asked for once more where it did not come', async () => {
    const { asked, answers, near } = slow();
    near.expect('a');
    const coming = near.get('a');
    answers[0]?.fail();
    await expect(coming).rejects.toThrow('no');
    near.expect('a');
    expect(asked).toEqual(['a', 'a']);
  });

  it('is little', () => {
    const { asked, near } = slow();
    for (let n = 0; n < 20; n++) near.expect(`c${n}`);
    near.expect('c19');
    expect(asked).toHaveLength(20);
    near.expect('c0');
    expect(asked).toHaveLength(21);
  });
});
