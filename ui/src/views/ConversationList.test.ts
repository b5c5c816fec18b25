import { cleanup, fireEvent, render, screen } from '@testing-library/svelte';
import { afterEach, expect, it, onTestFinished } from 'vitest';
import type { Backend, Command, Request } from '../backend/backend';
import type { Conversation } from '../backend/generated/desk';
import { Office } from '../state/office.svelte';
import ConversationList from './ConversationList.svelte';

afterEach(cleanup);

const total = 100_000;
const row = (place: number) =>
  ({
    ...{ id: `c${place}`, customer: '+14155550176', name: `Customer ${place}`, unread: 0, assigned: null },
    ...{ last: null, last_call: null, last_at: 0, draft: null, done_at: null, waiting_since: null },
  }) as Conversation;

/** Gives everything a size, as a window does. */
function sized(): void {
  class Watch {
    readonly #told: ResizeObserverCallback;
    constructor(told: ResizeObserverCallback) {
      this.#told = told;
    }
    observe(target: Element): void {
      const contentRect = {
        width: 300,
        height: target.querySelector(':scope > :is(.row, .unknown)') ? 60 : 600,
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

it('shows each row at its place, however long the list is', async () => {
  sized();
  const call = (command: Command, request: unknown) => {
    const { from = 0, limit = 0 } = request as Request<'conversations'>;
    const conversations = Array.from({ length: limit }, (_, n) => row(from + n));
    const counts = { unread: 0, waiting: 0, missed: 0 };
    return Promise.resolve(command === 'conversations' ? { seq: 1, conversations, total, counts } : {});
  };
  const office = new Office({ call, player: { listen: () => () => undefined } } as unknown as Backend, false);
  await office.list.load();
  const { container } = render(ConversationList, { office, onnew: () => undefined, onphone: null });
  const drawn = () => [...container.querySelectorAll('[data-conversation]')].map((one) => one.textContent);
  await screen.findByText('Customer 9');
  expect(drawn().length).toBeLessThan(50);

  const list = container.querySelector('.virtual');
  if (list) list.scrollTop = 70_000 * 60;
  await fireEvent.scroll(list ?? container);
  await screen.findByText('Customer 70000');
  await screen.findByText('Customer 70009');
  expect([drawn().length < 50, screen.queryByText('Customer 0')]).toEqual([true, null]);
});
