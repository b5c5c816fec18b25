import { cleanup, render, waitFor } from '@testing-library/svelte';
import { afterEach, describe, expect, it } from 'vitest';
import type { OpenConversation, TimelineItem } from '../backend/generated/desk';
import { setShowRecord } from './health/record';
import Timeline from './Timeline.svelte';

const NOW = 1_000_000;

/** The timeline where Twilio's records can be shown. */
const Placed: typeof Timeline = (...place) => {
  setShowRecord(() => undefined);
  return Timeline(...place);
};

/** What is shown of a conversation with so many texts of ours. */
function shown(count: number, sought: string | null = null) {
  const text = (n: number) =>
    ({
      type: 'text',
      id: `t${n}`,
      at: NOW - (count - n) * 2_000,
      body: `Text ${n}`,
      status: 'delivered',
      attachments: [],
      missing_attachments: 0,
      undo_until: null,
      failure: null,
    }) as unknown as TimelineItem;
  const all = Array.from({ length: count }, (_, n) => text(n + 1));
  const open = (timeline: TimelineItem[]) =>
    ({ timeline, older: null, closed: null }) as unknown as OpenConversation;
  const act = () => undefined;
  const props = {
    ...{ onundo: act, onagain: act, onnow: act, onearlier: act, onoptout: act, onoptin: act, onlink: act },
    ...{ onhelp: act, onlook: act, onfetch: act, onremove: act, oncall: null, onback: null, ontext: null },
    ...{ backend: {} as never, player: {} as never, who: 'Joel', region: 'US', fresh: null },
    open: open(all),
    now: NOW,
    sought,
  };
  const view = render(Placed, { props, context: new Map() });
  const ids = () =>
    [...view.container.querySelectorAll<HTMLElement>('[data-text]')].map((one) => one.dataset['text']);
  const rising = () =>
    [...view.container.querySelectorAll<HTMLElement>('.rises')].map((one) => one.dataset['text']);
  const log = view.getByRole('log');
  return { view, ids, rising, log, text, all, open };
}

describe('the timeline', () => {
  afterEach(cleanup);

  it('makes what fills the window first, and the rest right after', async () => {
    const { ids, log } = shown(60);
    expect(ids()).toHaveLength(24);
    expect([ids().at(-1), log.getAttribute('aria-busy')]).toEqual(['t60', 'true']);
    await waitFor(() => expect(ids()).toHaveLength(60));
    // What was there before is not news.
    expect([ids()[0], log.getAttribute('aria-busy')]).toEqual(['t1', 'true']);
    await waitFor(() => expect(log.getAttribute('aria-busy')).toBe('false'));
  });

  it('makes all of it where something in it was looked for', () => {
    const { ids } = shown(60, 't3');
    expect(ids()).toHaveLength(60);
  });

  it('lets only what was just written rise', async () => {
    const { view, rising, text, all, open } = shown(10);
    // The newest came with this very second; the others stand still.
    expect(rising()).toEqual(['t10']);
    await view.rerender({ open: open([...all, text(11)]), now: NOW + 60_000 });
    expect(rising()).toEqual(['t10']);
  });
});
