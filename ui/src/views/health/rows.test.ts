import { cleanup, render, screen } from '@testing-library/svelte';
import { afterEach, describe, expect, it } from 'vitest';
import type { Check, Webhook } from '../../backend/generated/desk';
import CheckRow from './CheckRow.svelte';
import WebhookRow from './WebhookRow.svelte';

const nobody = () => undefined;

describe('a row of the check-up', () => {
  afterEach(cleanup);
  const row = (more: Partial<Check>, fixable = true) => {
    const check: Check = {
      id: 'notifications',
      title: 'Notifications',
      grade: 'warn',
      said: 'None are shown',
      why: 'They tell you.',
      hint: 'Turn them on.',
      fix: { label: 'Look at notifications', place: 'notifications' },
      details: [],
      ...more,
    };
    const still = { open: false, first: false, fixing: false, busy: false, refused: null };
    render(CheckRow, { check, fixable, ...still, onopen: nobody, onfix: nobody, onfocus: nobody });
    return document.querySelector('.tag')?.textContent ?? null;
  };

  it('has a button or a word for what is wrong, and is heard with both', () => {
    expect(row({})).toBeNull();
    expect(screen.getByRole('button', { name: /^Notifications.*Look at it$/s })).toBeTruthy();
    cleanup();
    expect(row({ fix: null })).toBe('Look at it');
    cleanup();
    expect(row({}, false)).toBe('Look at it');
    cleanup();
    expect(row({ grade: 'pass', fix: null })).toBeNull();
  });
});

describe('a row of what Twilio sent', () => {
  afterEach(cleanup);
  const row = (state: Webhook['state']) => {
    const webhook: Webhook = {
      seq: 1,
      event: 'sms/inbound',
      at: 1,
      state,
      problem: null,
      answer: 200,
      about: null,
      fields: [{ name: 'From', value: '+14155550123' }],
      answer_body: '',
    };
    render(WebhookRow, { webhook, now: 1, region: 'US', open: false, onopen: nobody });
    return document.querySelector('.tag')?.textContent ?? null;
  };

  it('says whom it is about, and what became of it only where it was not stored', () => {
    expect(row('applied')).toBeNull();
    expect(screen.getByText('Text from (415) 555-0123')).toBeTruthy();
    cleanup();
    expect([row('failed'), (cleanup(), row('quarantined'))]).toEqual(['Not stored', 'Put aside']);
  });
});
