import { describe, expect, it } from 'vitest';
import type { AddressNow, Backup, LinesPlan } from '../../backend/generated/desk';
import { isReached, rows, type Known } from './reach';

const address = (parts: Partial<AddressNow>): AddressNow => ({
  way: 'cloudflare_quick',
  state: 'opening',
  address: null,
  problem: null,
  hint: null,
  knocked_at: null,
  knock_ms: null,
  moved: false,
  programs: [],
  fixed: false,
  ...parts,
});
const known = (parts: Partial<Known>): Known => ({
  health: { connected: true, sign_in_refused: false },
  address: null,
  knocking: false,
  plan: null,
  backup: null,
  ...parts,
});
const signs = (parts: Partial<Known>) => rows(known(parts)).map(({ sign }) => sign);
const HERE = 'https://a.example';

describe('the list of what is tried', () => {
  it('goes on step by step', () => {
    expect(signs({ health: null })).toEqual(['run', 'wait', 'wait', 'wait', 'wait']);
    expect(signs({ address: address({ state: 'unset', way: 'unset' }) })).toEqual([
      'pass',
      'wait',
      'wait',
      'wait',
      'wait',
    ]);
    expect(signs({ address: address({}) })).toEqual(['pass', 'run', 'wait', 'wait', 'wait']);
    expect(signs({ address: address({ address: HERE }) })).toEqual(['pass', 'pass', 'run', 'wait', 'wait']);
    const open = address({ state: 'open', address: HERE, knock_ms: 312 });
    expect(signs({ address: open })).toEqual(['pass', 'pass', 'pass', 'wait', 'wait']);
    expect(rows(known({ address: open }))[2]).toMatchObject({
      text: 'The signed practice message reached this computer.',
      took: '0.3 s',
    });
    const plan: LinesPlan = {
      address: HERE,
      unseen: false,
      numbers: [{ number: '+1', display: '1', changes: [], overrides: [], before: [] }],
    };
    const backup = { state: 'unheard', said: 'It is there.' } as Backup;
    expect(signs({ address: open, plan, backup })).toEqual(['pass', 'pass', 'pass', 'pass', 'pass']);
  });

  it('says what failed in the words of the desk', () => {
    const failed = address({ state: 'failed', problem: 'Not signed in.', hint: 'Sign in to Tailscale.' });
    expect(rows(known({ address: failed }))[1]).toMatchObject({
      sign: 'fail',
      text: 'Not signed in. Sign in to Tailscale.',
    });
    expect(signs({ address: failed })[2]).toBe('wait');
    const blocked = address({ state: 'blocked', address: HERE });
    expect(rows(known({ address: blocked }))[2]).toMatchObject({
      sign: 'fail',
      text: 'Why is not known. Ringdesk goes on trying.',
    });
    expect(signs({ address: blocked, knocking: true })[2]).toBe('run');
    const away = { connected: false, sign_in_refused: false };
    expect(rows(known({ health: away }))[0]).toMatchObject({
      sign: 'fail',
      title: 'Twilio does not answer just now',
    });
    const refused = rows(known({ health: { ...away, sign_in_refused: true } }))[0];
    expect(refused).toMatchObject({ sign: 'fail', title: 'Twilio no longer accepts your sign-in' });
  });

  it('says that a new name takes its time, and nothing of the kind about the owner’s own', () => {
    const knock = (parts: Partial<AddressNow>) =>
      rows(known({ address: address({ address: HERE, ...parts }) }))[2]?.text;
    expect(knock({})).toBe('The new address is being made known; this can take a minute.');
    expect(knock({ way: 'own' })).toBe('A signed practice message has to come through.');
  });

  it('lets nobody go on before a knock came through', () => {
    const states = ['unset', 'opening', 'failed', 'blocked', 'open'] as const;
    expect(states.filter((state) => isReached(address({ state, address: HERE })))).toEqual(['open']);
    expect(isReached(null)).toBe(false);
  });

  it('does not call numbers pointed that something else goes before', () => {
    const override = { kind: 'trunk', sid: 'TK1', name: null, said: '', mend: null } as const;
    const plan = (numbers: LinesPlan['numbers']): LinesPlan => ({ address: HERE, unseen: false, numbers });
    const number = { number: '+1', display: '1', changes: [], overrides: [override], before: [] };
    expect(signs({ plan: plan([number]) })[3]).toBe('wait');
    expect(signs({ plan: plan([]) })[3]).toBe('wait');
  });
});
