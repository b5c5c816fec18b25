import { describe, expect, it } from 'vitest';
import type { Health } from '../backend/generated/desk';
import { checkedAt, headline, health, markOf, placardOf } from './health';
import { eventSaid } from './webhooks';

const now = new Date(2026, 10, 20, 12).getTime();
const well: Health = {
  reachable: true,
  connected: true,
  sign_in_refused: false,
  failed_receipts: 0,
  quarantined: 0,
  send_unknown: 0,
  queued: 0,
  pictures_wanted: 0,
  last_webhook_at: null,
  address: 'open',
  moved: false,
  checkup: 'pass',
  complete_to: null,
  catching_up: false,
  elsewhere: [],
  locked: null,
  refused: {},
};
const placard = (more: Partial<Health>, practice = false) => placardOf({ ...well, ...more }, practice, now);

describe('the head of a check-up', () => {
  it('counts what needs somebody, the worst first', () => {
    expect(headline(['pass', 'fail', 'warn'])).toBe('One thing needs you');
    expect(headline(['fail', 'fail', 'pass'])).toBe('Two things need you');
    expect(headline(Array.from({ length: 12 }, () => 'fail' as const))).toBe('12 things need you');
    expect(headline(['warn', 'pass', 'unknown'])).toBe('One thing to look at');
    expect(headline(['warn', 'warn', 'warn'])).toBe('Three things to look at');
  });

  it('says that all is well only where something was looked at', () => {
    expect(headline(['pass', 'unknown'])).toBe('All is well');
    expect(headline(['unknown'])).toBe('Nothing could be looked at');
    expect(headline([])).toBe('Nothing could be looked at');
  });

  it('says when it was, and how long it took', () => {
    expect(checkedAt(now - 5_000, now)).toBe('Checked just now');
    expect(checkedAt(now - 120_000, now)).toMatch(/^Checked today at /);
    expect([300, 1_200, 4_000].map(health.took)).toEqual([
      'took less than a second',
      'took 1 second',
      'took 4 seconds',
    ]);
  });
});

describe('the placard', () => {
  it('says that calls arrive where nothing is wrong, and to whoever asks when something last did', () => {
    expect(placard({ last_webhook_at: now - 86_400_000 }).tip).toBe('Last heard from Twilio Yesterday');
    expect(placard({})).toEqual({
      title: 'Connected',
      hint: 'Calls and texts reach you',
      tip: 'Nothing has arrived yet',
      bad: false,
      act: null,
    });
    expect(placard({}, true)).toMatchObject({ title: 'Practice line', bad: false, act: null });
    expect(placardOf(null, false, now)).toMatchObject({
      title: 'Connected',
      hint: '',
      bad: false,
      act: null,
    });
    expect(placard({ checkup: null })).toMatchObject({ bad: false, act: null });
  });

  it('says that calls arrive only where somebody looked, and the way is open', () => {
    const heard = { last_webhook_at: now - 86_400_000 };
    for (const unseen of [{ checkup: null }, { address: 'opening' }, { address: 'unset' }] as const) {
      expect(placard({ ...unseen, ...heard })).toMatchObject({
        title: 'Connected',
        hint: 'Last heard from Twilio Yesterday',
        bad: false,
      });
      expect(placard(unseen).hint).toBe('Nothing has arrived yet');
    }
    expect(placard({ checkup: 'warn' }).hint).toBe('Calls and texts reach you');
  });

  it('says that something needs somebody, and then what holds all the same: not that calls arrive', () => {
    expect(placard({ checkup: 'fail' })).toMatchObject({
      title: 'Something needs you',
      hint: 'Connected. Nothing has arrived yet',
      bad: true,
      act: 'check',
    });
    expect(placard({ checkup: 'fail', last_webhook_at: now - 86_400_000 }).hint).toBe(
      'Connected. Last heard from Twilio Yesterday',
    );
    expect(placard({ checkup: 'fail' }, true)).toMatchObject({
      title: 'Something needs you',
      hint: 'Practice line. Nothing leaves this computer',
      bad: true,
    });
    // What is only to be looked at is marked where it is listed.
    expect(placard({ checkup: 'warn' })).toMatchObject({ title: 'Connected', bad: false, act: null });
  });

  it('leaves a mark at the check-up', () => {
    const mark = (more: Partial<Health>) => markOf({ ...well, ...more }, placard(more));
    expect(mark({})).toBeNull();
    expect(mark({ checkup: 'warn' })).toBe('Something to look at');
    expect(mark({ checkup: 'fail' })).toBe('Something needs you');
    expect(mark({ reachable: false })).toBe('Something needs you');
  });

  it('says before anything else that Twilio refuses the sign-in', () => {
    const worst = { sign_in_refused: true, connected: false, reachable: false, moved: true };
    for (const isPractice of [false, true]) {
      expect(placard(worst, isPractice)).toMatchObject({
        title: 'Twilio no longer accepts your sign-in',
        bad: true,
        act: 'account',
      });
    }
  });

  it('says that nobody comes through, and leads to what helps', () => {
    for (const address of ['blocked', 'failed'] as const) {
      const said = placard({ reachable: false, address, checkup: 'fail' });
      expect(said).toMatchObject({ title: 'Customers can’t reach you', bad: true, act: 'check' });
    }
    const unset = placard({ reachable: false, address: 'unset' });
    expect(unset).toMatchObject({ title: 'Customers can’t reach you yet', act: 'way' });
    expect(placard({ reachable: false, address: 'opening' })).toMatchObject({ bad: true, act: 'check' });
  });

  it('offers to point a line here that posts to an old address', () => {
    expect(placard({ moved: true, checkup: 'fail' })).toMatchObject({ act: 'point', bad: true });
    expect(placard({ moved: true }).title).toBe('Your line posts to an old address');
  });

  it('then says that there is no connection: everything else follows from it', () => {
    const said = placard({ connected: false, reachable: false, address: 'blocked', moved: true });
    expect(said).toMatchObject({ title: 'Not connected', bad: true, act: 'check' });
  });
});

describe('what Twilio sent', () => {
  it('is told in words, and an event nobody knows by its name', () => {
    expect(eventSaid('voice/inbound')).toBe('A call came in');
    expect(eventSaid('fax/inbound')).toBe('fax/inbound');
  });
});
