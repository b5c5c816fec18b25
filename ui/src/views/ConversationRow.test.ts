import { cleanup, fireEvent, render } from '@testing-library/svelte';
import { afterEach, describe, expect, it } from 'vitest';
import type { Colleague, Conversation } from '../backend/generated/desk';
import ConversationRow from './ConversationRow.svelte';

const row = (assigned: Colleague | null, unread = 0) =>
  ({
    ...{ id: 'a', customer: '+14155550176', name: 'Marcus Webb', unread, assigned },
    ...{ last: null, last_call: null, last_at: 0, draft: null, done_at: null, waiting_since: null },
  }) as Conversation;
const shown = (row: Conversation) =>
  render(ConversationRow, { row, current: false, now: 0, onopen: () => undefined }).getByRole('button');

describe('the row of a conversation', () => {
  afterEach(cleanup);

  it('says whose it is, beside what is unread', () => {
    const button = shown(row({ id: 's', name: 'Sam Ortiz' }, 2));
    const [customer, colleague] = button.querySelectorAll('.avatar');
    expect([customer?.textContent, colleague?.textContent]).toEqual(['MW', 'SO']);
    expect(colleague?.getAttribute('aria-hidden')).toBe('true');
    expect(button.querySelector('.assigned .sr')?.textContent).toBe('Assigned to Sam Ortiz');
    expect(button.querySelector('[aria-label="2 unread"]')?.textContent).toBe('2');
  });

  it('says of who opted out, too, what is unread and how long they wait', () => {
    const out = { ...row(null, 2), consent: 'opted_out', waiting_since: 0 } as Conversation;
    const hour = 3_600_000;
    const marks = (row: Conversation) => {
      const props = { row, current: false, now: hour, onopen: () => undefined };
      return render(ConversationRow, props).container.querySelector('.marks');
    };
    const unread = marks(out);
    expect(unread?.textContent).toContain('Opted out');
    expect(unread?.querySelector('[aria-label="2 unread"]')).not.toBeNull();
    expect(marks({ ...out, unread: 0 })?.textContent).toContain('waiting 1 h');
  });

  it('names the line where it is told which', () => {
    const props = { row: row(null), current: false, now: 0, onopen: () => undefined };
    const line = { name: 'Shop' };
    expect(render(ConversationRow, { ...props, line }).getByText('to your line Shop')).toBeDefined();
  });

  it('shows a line without a name by its end, and says all of it', () => {
    const mine = { ...row(null), line_display: '(500) 555-0006' };
    const props = { row: mine, current: false, now: 0, onopen: () => undefined };
    const line = (line: { name: string; place?: number }) => {
      const shown = render(ConversationRow, { ...props, line }).container.querySelector('.line');
      const [heard, seen] = shown?.children ?? [];
      return [heard?.textContent, seen?.textContent.trim(), seen?.querySelectorAll('[aria-hidden]').length];
    };
    expect(line({ name: '(500) 555-0006' })).toEqual(['to your line (500) 555-0006', '…0006', 0]);
    expect(line({ name: 'Shop', place: 1 })).toEqual(['to your line Shop', 'Shop', 1]);
  });

  it('quotes what a caller said, and says that it is a voicemail', () => {
    const left = (said: string | null) => {
      const last_call = { incoming: true, ending: 'voicemail', missed: true, said } as const;
      const props = { row: { ...row(null), last_call }, current: false, now: 0, onopen: () => undefined };
      const { container } = render(ConversationRow, props);
      return ['.preview', '.sign .sr'].map((css) => container.querySelector(css)?.textContent);
    };
    expect(left('Hi Nora, it’s Helen\nat number nine.')).toEqual([
      '“Hi Nora, it’s Helen at number nine.”',
      'Left a voicemail:',
    ]);
    expect(left(null)).toEqual(['Left a voicemail', undefined]);
    expect(left(' ')).toEqual(['Left a voicemail', undefined]);
  });

  it('opens nobody but who was pressed', async () => {
    const opened: string[] = [];
    const props = { row: row(null), current: false, now: 0, onopen: (id: string) => void opened.push(id) };
    const { getByRole, rerender } = render(ConversationRow, props);
    const button = getByRole('button');
    await fireEvent.pointerDown(button);
    await rerender({ row: { ...row(null), id: 'b' } });
    await fireEvent.click(button, { detail: 1 });
    expect(opened).toEqual([]);
    await fireEvent.pointerDown(button);
    await fireEvent.click(button, { detail: 1 });
    await fireEvent.click(button);
    expect(opened).toEqual(['b', 'b']);
  });

  it('says nothing where it is nobody’s', () => {
    const button = shown(row(null));
    expect(button.querySelectorAll('.avatar')).toHaveLength(1);
    expect(button.textContent).not.toContain('Assigned');
  });
});
