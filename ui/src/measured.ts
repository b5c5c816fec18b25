// Sizes as they are.

/**
 * Lets nobody hear of a size that is not true. WebKit at times tells of an element it has not laid out yet, as of one
 * that is nothing high; a long list would leave such a row out, as it takes no room, and so never measure it again.
 */
export function measureRight(page: Window & typeof globalThis): void {
  const { ResizeObserver: Told } = page;
  page.ResizeObserver = class extends Told {
    constructor(callback: ResizeObserverCallback) {
      super((entries, observer) => {
        const [wrong, right] = [entries.filter(isWrong), entries.filter((one) => !isWrong(one))];
        // It is told of once more, as if it were new.
        for (const { target } of wrong) {
          observer.unobserve(target);
          observer.observe(target);
        }
        if (right.length > 0) callback(right, observer);
      });
    }
  };
}

/** Reading the height lays out what is not yet. */
const isWrong = ({ target, contentRect }: ResizeObserverEntry) =>
  contentRect.height === 0 && target instanceof HTMLElement && target.clientHeight > 0;
