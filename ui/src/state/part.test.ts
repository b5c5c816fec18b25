import { describe, expect, it } from 'vitest';
import { Part } from './part.svelte';

describe('a part of the window', () => {
  it('is loaded once, when it is first needed', async () => {
    let loaded = 0;
    const part = new Part(() => Promise.resolve({ default: ++loaded }));
    expect([part.value, loaded]).toEqual([null, 0]);
    await Promise.all([part.need(), part.need()]);
    expect([part.value, part.failed, loaded]).toEqual([1, false, 1]);
  });

  it('says that it could not be loaded', async () => {
    const part = new Part<number>(() => Promise.reject(new Error('not there')));
    await part.need();
    expect([part.value, part.failed]).toEqual([null, true]);
  });

  it('is tried anew when it is needed again', async () => {
    let there = false;
    const load = () => (there ? Promise.resolve({ default: 1 }) : Promise.reject(new Error('not there')));
    const part = new Part(load);
    await part.need();
    there = true;
    await part.need();
    expect([part.value, part.failed]).toEqual([1, false]);
  });
});
