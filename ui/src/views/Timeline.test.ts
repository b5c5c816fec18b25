import { cleanup, render, waitFor } from '@testing-library/svelte';
import { tick } from 'svelte';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { OpenConversation, TimelineItem } from '../backend/generated/desk';
import { setShowRecord } from './health/record';
import Timeline from './Timeline.svelte';
import { setWays } from './voicemail/ways';

const NOW = 1_000_000;

/** The timeline where Twilio's records and voicemails can be shown. */
const Placed: typeof Timeline = (...place) => {
  setShowRecord(() => undefined);
  setWays({ open: () => undefined, settings: () => undefined });
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
  const player = { has: () => false, isOn: () => false, positionIn: () => 0, lengthIn: () => 9_000 };
  const props = {
    ...{ onundo: act, onagain: act, onnow: act, onearlier: act, onoptout: act, onoptin: act, onlink: act },
    ...{ onhelp: act, onlook: act, onfetch: act, onremove: act, oncall: null, onback: null, ontext: null },
    ...{ backend: {} as never, player: player as never, who: 'Joel', region: 'US', fresh: null },
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

  it('makes the rest only after what fills the window was seen, however long that took', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const frames: (() => void)[] = [];
    vi.stubGlobal('requestAnimationFrame', (draw: () => void) => frames.push(draw));
    try {
      const { ids } = shown(60);
      vi.advanceTimersByTime(5_000);
      await tick();
      expect(ids()).toHaveLength(24);
      for (const draw of frames.splice(0)) draw();
      vi.advanceTimersByTime(5_000);
      await tick();
      expect(ids()).toHaveLength(60);
    } finally {
      vi.unstubAllGlobals();
      vi.useRealTimers();
    }
  });

  it('makes all of it where something in it was looked for', () => {
    const { ids } = shown(60, 't3');
    expect(ids()).toHaveLength(60);
  });

  it('says who wrote each text, beside its words', () => {
    const { view, text, open } = shown(1);
    const theirs = { ...text(2), incoming: true } as TimelineItem;
    const said = async () => {
      await view.rerender({ open: open([text(1), theirs]) });
      return [...view.container.querySelectorAll('[data-text]')].map((one) => [
        one.querySelector('.sr')?.textContent,
        one.querySelector('.bubble')?.textContent,
      ]);
    };
    return expect(said()).resolves.toEqual([
      ['You:', 'Text 1'],
      ['From Joel:', 'Text 2'],
    ]);
  });

  it('says that a text waits where nothing can leave, and only then that it is being sent', async () => {
    const { view, text, open } = shown(1);
    const said = async (more: object, stuck: boolean) => {
      await view.rerender({ open: open([{ ...text(1), ...more } as TimelineItem]), stuck });
      return view.container.querySelector('.state')?.textContent.trim();
    };
    expect(await said({ status: 'waiting' }, false)).toBe('Sending…');
    expect(await said({ status: 'waiting' }, true)).toBe('Waiting');
    expect(await said({ status: 'queued' }, true)).toBe('Sending…');
    expect(await said({ status: 'waiting', held: true }, false)).toBe('Waiting');
  });

  it('says of a failed text what happened and what to do; the rest is opened', async () => {
    const { view, text, open } = shown(1);
    const failure = {
      ...{ code: 30003, what: 'The phone is off.', next: 'Try again later, or call.', charged: 'no' },
      ...{ can_retry: true, help_url: 'https://www.twilio.com/docs/errors/30003' },
    };
    await view.rerender({ open: open([{ ...text(1), failure } as TimelineItem]) });
    const explained = view.container.querySelector('.explain');
    expect(explained?.querySelector('p')?.textContent).toBe('The phone is off. Try again later, or call.');
    const beside = explained?.querySelector('.choices')?.querySelectorAll('button') ?? [];
    expect([...beside].map((button) => button.textContent?.trim())).toEqual(['Try again']);
    const more = explained?.querySelector('details');
    expect([more?.open, more?.querySelectorAll('button').length]).toEqual([false, 2]);
    expect(more?.textContent).toContain('You weren’t charged for it.');
  });

  it('says of a note and of a slip what they are, and nothing runs together', async () => {
    const { view, open } = shown(1);
    const note = { type: 'note', id: 'n', at: NOW, body: 'Gate code 12', actor: 'Sam' };
    const call = {
      ...{ type: 'call', id: 'c', at: NOW, incoming: true, live: false, ending: 'voicemail', missed: true },
      ...{ voicemail: { id: 'v', heard: false, heard_by: null, words: [], peaks: [] } },
      ...{ reasons: [{ why: 'closed' }], plan: { kind: 'voicemail' }, legs: [], failure: null },
      ...{ texted_back: true, kind: 'number', with: '(415) 555-0176', name: null, duration_s: 9 },
    };
    await view.rerender({ open: open([note, call] as unknown as TimelineItem[]) });
    const said = (css: string) => view.container.querySelector(css)?.textContent?.replace(/\s+/g, ' ').trim();
    expect(said('.note .head span')).toMatch(/^Note by Sam · customers never see this · \d/);
    expect(said('.slip .what')).toBe('Left a voicemail');
    expect(said('.slip .meta')).toMatch(/M · Not heard · after hours · texted back$/);
  });

  it('lets only what was just written rise', async () => {
    const { view, rising, text, all, open } = shown(10);
    // The newest came with this very second; the others stand still.
    expect(rising()).toEqual(['t10']);
    await view.rerender({ open: open([...all, text(11)]), now: NOW + 60_000 });
    expect(rising()).toEqual(['t10']);
  });
});
