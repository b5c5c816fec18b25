import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { afterEach, expect, it, onTestFinished } from 'vitest';
import type { Backend, Command, Request } from '../backend/backend';
import type { Conversation, Settings } from '../backend/generated/desk';
import { Office } from '../state/office.svelte';
import { words } from '../words/en';
import ConversationList from './ConversationList.svelte';

afterEach(cleanup);

const total = 100_000;
const row = (place: number) =>
  ({
    ...{ id: `c${place}`, customer: '+14155550176', name: `Customer ${place}`, unread: 0, assigned: null },
    ...{ last: null, last_call: null, last_at: 0, draft: null, done_at: null, waiting_since: null },
  }) as Conversation;

/** Gives everything a size, as a window does, and rows this one. */
function sized(high: number): void {
  class Watch {
    readonly #told: ResizeObserverCallback;
    constructor(told: ResizeObserverCallback) {
      this.#told = told;
    }
    observe(target: Element): void {
      const contentRect = {
        width: 300,
        height: target.querySelector(':scope > :is(.row, .unknown)') ? high : 600,
      };
      const seen = { target, contentRect } as unknown as ResizeObserverEntry;
      setTimeout(() => this.#told([seen], this));
    }
    unobserve = () => undefined;
    disconnect = () => undefined;
  }
  const view = document.defaultView as unknown as { ResizeObserver: typeof Watch };
  const { ResizeObserver: own } = view;
  view.ResizeObserver = Watch;
  onTestFinished(() => void (view.ResizeObserver = own));
  const { prototype } = HTMLElement;
  const before = Object.getOwnPropertyDescriptor(prototype, 'offsetParent');
  Object.defineProperty(prototype, 'offsetParent', { configurable: true, get: () => document.body });
  onTestFinished(() => void (before && Object.defineProperty(prototype, 'offsetParent', before)));
}

/** Sizes are told a little later. */
const measured = () => new Promise((soon) => setTimeout(soon));

/** A list of a hundred thousand at this size of letters, each part of which is known once `answered` says so. */
async function listed(answered: (from: number) => Promise<void> = () => Promise.resolve(), percent = 100) {
  const high = (60 * percent) / 100;
  sized(high);
  let first = row;
  const call = async (command: Command, request: unknown) => {
    if (command !== 'conversations') return {};
    const { from = 0, limit = 0 } = request as Request<'conversations'>;
    await answered(from);
    const conversations = Array.from({ length: limit }, (_, n) => first(from + n));
    return { seq: 1, conversations, total, counts: { unread: 0, waiting: 0, missed: 0 } };
  };
  const office = new Office({ call, player: { listen: () => () => undefined } } as unknown as Backend, false);
  if (percent !== 100) office.settings = { window: { text_percent: percent } } as Settings;
  await office.list.load();
  const { container } = render(ConversationList, { office, onnew: () => undefined, onphone: null });
  await screen.findByText('Customer 4');
  await measured();
  return {
    office,
    /** Whoever stands at each place from now on. */
    moved: async (now: typeof row) => {
      first = now;
      await office.list.load();
    },
    mounted: () => [...container.querySelectorAll(':is(.row, .unknown)')],
    drawn: () => [...container.querySelectorAll<HTMLElement>('.row')],
    seen: () => [...container.querySelectorAll<HTMLElement>('[data-conversation]')],
    scroll: async (place: number) => {
      const list = container.querySelector('.virtual') as HTMLElement;
      list.scrollTop = place * high;
      await fireEvent.scroll(list);
    },
  };
}

it('shows each row at its place, however long the list is', async () => {
  const { seen, scroll } = await listed();
  expect(seen().length).toBeLessThan(50);

  await scroll(70_000);
  await screen.findByText('Customer 70000');
  await screen.findByText('Customer 70009');
  expect([seen().length < 50, screen.queryByText('Customer 0')]).toEqual([true, null]);
});

it('draws those that come by those that leave', async () => {
  const { drawn, scroll } = await listed();
  const all = new Set(drawn());
  for (let place = 0; place < 300; place += 7) {
    await scroll(place);
    await screen.findByText(`Customer ${place}`);
    await screen.findByText(`Customer ${place + 9}`);
    for (const one of drawn()) all.add(one);
  }
  expect(all.size).toBeLessThan(40);
});

it('takes the focus to nobody else, and back to whoever had it', async () => {
  const { seen, scroll } = await listed();
  const third = () => seen().find((one) => one.dataset['conversation'] === 'c3');
  third()?.focus();
  expect(document.activeElement).toBe(third());

  for (const place of [1, 40, 70_000]) {
    await scroll(place);
    await screen.findByText(`Customer ${place}`);
    expect(document.activeElement).toBe(third() ?? document.body);
  }
  expect(third()).toBeUndefined();
  await scroll(0);
  await screen.findByText('Customer 0');
  expect(third()).toBeDefined();
  expect(document.activeElement).toBe(third());
});

it('takes the focus back among those that are known, too', async () => {
  const { seen, scroll } = await listed();
  const third = () => seen().find((one) => one.dataset['conversation'] === 'c3');
  third()?.focus();
  for (const place of [30, 0]) {
    await scroll(place);
    await screen.findByText(`Customer ${place}`);
    await measured();
    expect(document.activeElement).toBe(third() ?? document.body);
  }
  expect(third()).toBeDefined();
});

it('shows nobody where it is not known yet who is there', async () => {
  let answer: () => void = () => undefined;
  const { drawn, seen, scroll } = await listed((from) =>
    from < 100 ? Promise.resolve() : new Promise((known) => (answer = known)),
  );
  await scroll(7_000);
  await waitFor(() => expect(seen()).toEqual([]));
  expect(drawn().every((one) => one.classList.contains('unseen'))).toBe(true);
  expect(drawn().length).toBeGreaterThan(9);
  answer();
  await screen.findByText('Customer 7000');
  expect(seen().length).toBeGreaterThan(9);
});

it('moves nothing by drawing, at any size of letters', async () => {
  const { seen, scroll } = await listed(undefined, 200);
  for (const place of [3_000, 2_999, 2_998, 2_993, 2_992]) {
    await scroll(place);
    await screen.findByText(`Customer ${place}`);
    await measured();
    const tops = seen().map((one) => [one.dataset['conversation'], one.parentElement?.style.top]);
    expect(Object.fromEntries(tops)[`c${place}`]).toBe(`${place * 120}px`);
  }
});

it('draws somebody else at the same place anew', async () => {
  const { office, seen, moved } = await listed();
  const before = seen();
  before[0]?.focus();
  await moved((place) => (place === 0 ? { ...row(0), unread: 1 } : row(place)));
  await waitFor(() => expect(seen()[0]?.querySelector('[aria-label="1 unread"]')).not.toBeNull());
  expect([seen()[0] === before[0], document.activeElement === before[0]]).toEqual([true, true]);

  await moved((place) => row(place === 0 ? 99 : place - 1));
  await screen.findByText('Customer 99');
  expect(before.filter((one) => one.isConnected)).toEqual([]);
  await waitFor(() => expect((document.activeElement as HTMLElement).dataset['conversation']).toBe('c0'));
  expect(office.openId).toBeNull();
});

it('begins another list as the first, and the same one after it was away', async () => {
  const { office, mounted, scroll } = await listed();
  const away = async () => {
    office.list.total = 0;
    await screen.findByText(words.empty.all.title);
    await office.list.load();
  };
  for (const again of [() => office.list.choose('unread'), () => office.list.choose('all'), away]) {
    await scroll(6_000);
    await screen.findByText('Customer 6000');
    await again();
    await screen.findByText('Customer 4');
    expect(mounted().length).toBeLessThan(20);
  }
});
