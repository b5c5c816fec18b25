import { expect, it } from 'vitest';
import { measureRight } from './measured';

/** A page whose observer tells what the test says. */
function page() {
  const watched: Element[] = [];
  let tell: (entries: ResizeObserverEntry[]) => void = () => undefined;
  class Told {
    constructor(callback: ResizeObserverCallback) {
      tell = (entries) => callback(entries, this);
    }
    observe = (target: Element) => void watched.push(target);
    unobserve = (target: Element) => void watched.splice(watched.indexOf(target), 1);
    disconnect = () => undefined;
  }
  const page = { ResizeObserver: Told } as unknown as Window & typeof globalThis;
  measureRight(page);
  return { page, watched, tell: (entries: ResizeObserverEntry[]) => tell(entries) };
}

/** An element that is so high, told of as so high. */
function entry(high: number, told: number): ResizeObserverEntry {
  const target = document.createElement('div');
  Object.defineProperty(target, 'clientHeight', { value: high });
  return { target, contentRect: { width: 300, height: told } } as unknown as ResizeObserverEntry;
}

it('asks once more for what is told of before it is laid out', () => {
  const { page: view, watched, tell } = page();
  const heard: number[][] = [];
  const observer = new view.ResizeObserver((entries) =>
    heard.push(entries.map(({ contentRect }) => contentRect.height)),
  );
  const [early, right, flat] = [entry(60, 0), entry(60, 60), entry(0, 0)];
  for (const { target } of [early, right, flat]) observer.observe(target);
  tell([early, right, flat]);
  expect(heard).toEqual([[60, 0]]);
  expect(watched).toEqual([right.target, flat.target, early.target]);
  tell([early]);
  expect(heard).toHaveLength(1);
});
