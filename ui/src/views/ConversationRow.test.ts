import { cleanup, render } from '@testing-library/svelte';
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

  it('says nothing where it is nobody’s', () => {
    const button = shown(row(null));
    expect(button.querySelectorAll('.avatar')).toHaveLength(1);
    expect(button.textContent).not.toContain('Assigned');
  });
});
