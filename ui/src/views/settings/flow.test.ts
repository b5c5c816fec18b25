import { describe, expect, it } from 'vitest';
import type { Route, Settings } from '../../backend/generated/desk';
import { certainty, flow, leftOut, spoken } from './flow';

const NORA = { name: 'Nora’s mobile', number: '+14155550107' };
const SAM = { name: '', number: '+14155550113' };
const forward: Route['plan'] = {
  kind: 'forward',
  phones: [NORA],
  ring: 'in_order',
  ring_seconds: 20,
  caller_id: 'caller',
  screening: true,
};

function route(parts: Partial<Route>): Route {
  return {
    at: 0,
    local: '2026-11-20T09:52',
    zone: 'America/Los_Angeles',
    line_display: '(415) 555-0142',
    open: true,
    until: 1,
    until_local: '2026-11-20T17:00',
    holiday: null,
    plan: forward,
    reasons: [{ why: 'open' }],
    which: 'open',
    greeting: { text: '', recording: null },
    warnings: [],
    twiml: '',
    ...parts,
  };
}
const settings = (textBack = false, holidays: unknown[] = []) =>
  ({
    region: 'US',
    hours: { holidays },
    calls: { text_back: { on: textBack } },
  }) as unknown as Settings;

const told = (parts: Partial<Route>, ...more: Parameters<typeof settings>) =>
  spoken(flow(route(parts), settings(...more))).map((sentence) => sentence.replaceAll('\u202f', ' '));

describe('the picture of a call', () => {
  it('shows who rings while it is open, and what may follow', () => {
    expect(told({}, true, [{}])).toEqual([
      'Someone calls, (415) 555-0142.',
      'Holiday today? no.',
      'Open now? yes, until 5\u00a0PM.',
      'Rings Nora’s mobile, up to 20 s.',
      'Presses 1? If yes: You’re talking.',
      'If no: Voicemail.',
      'Afterwards: Text back.',
    ]);
    const steps = flow(route({}), settings());
    expect(steps.map((step) => step.state)).toEqual(['sure', 'sure', 'here', 'open', 'open']);
    expect(steps[1]?.side).toMatchObject({ text: 'Closed greeting', open: false });
  });

  it('names two phones and counts more', () => {
    const ring = (phones: (typeof NORA)[], ring: 'in_order' | 'at_once') =>
      flow(
        route({ plan: { ...forward, phones, ring, screening: false } as Route['plan'] }),
        settings(),
      ).slice(2, 4);
    expect(ring([NORA, SAM], 'in_order')).toMatchObject([
      { text: 'Rings Nora’s mobile and (415) 555-0113', detail: 'in turn, 20 s each' },
      { text: 'Picks up?' },
    ]);
    expect(ring([NORA, SAM, SAM], 'at_once')[0]).toMatchObject({
      text: 'Rings 3 phones',
      detail: 'all at once, 20 s',
    });
  });

  it('takes the other way while it is closed', () => {
    const closed = { open: false, until_local: '2026-11-23T08:00', reasons: [{ why: 'closed' } as const] };
    expect(told({ ...closed, plan: { kind: 'voicemail' } }, true)).toEqual([
      'Someone calls, (415) 555-0142.',
      'Open now? no, opens Monday 8\u00a0AM.',
      'Voicemail, greeting, then tone.',
      'Text back.',
    ]);
    expect(told({ ...closed, plan: { kind: 'message' } }).at(-1)).toBe(
      'Says you’re closed, no message is taken.',
    );
    expect(told({ ...closed, holiday: 'Thanksgiving', plan: { kind: 'voicemail' } })[1]).toBe(
      'Holiday today? yes, Thanksgiving.',
    );
    const early = { ...closed, reasons: [{ why: 'closed_early', until: 1 } as const] };
    expect(told({ ...early, plan: { kind: 'voicemail' } })[1]).toBe('Closed early? yes.');
  });

  it('says why no phone rings although it is open', () => {
    const off = { plan: { kind: 'voicemail' } as const };
    expect(told({ ...off, reasons: [{ why: 'open' }, { why: 'forwarding_off' }] })[2]).toBe(
      'Ring a phone? no, switched off.',
    );
    expect(told({ ...off, reasons: [{ why: 'open' }, { why: 'no_phone' }] })[2]).toBe(
      'Ring a phone? no phone to ring.',
    );
  });

  it('ends at once for a blocked caller', () => {
    expect(told({ plan: { kind: 'reject' }, reasons: [{ why: 'blocked' }] }, true, [{}])).toEqual([
      'Someone calls, (415) 555-0142.',
      'Blocked? yes.',
      'Turned away, nothing rings.',
    ]);
  });

  it('names the step as far as which it is certain', () => {
    const said = (parts: Partial<Route>) => certainty(flow(route(parts), settings(true)));
    expect(said({})).toBe(
      'As far as “Rings Nora’s mobile”, this is certain at that moment. What follows depends on whether you pick up.',
    );
    expect(said({ open: false, plan: { kind: 'voicemail' }, reasons: [{ why: 'closed' }] })).toBe(
      'As far as “Voicemail”, this is certain at that moment.',
    );
  });

  it('says which phone is left out, and why', () => {
    const reasons: Route['reasons'] = [
      { why: 'open' },
      { why: 'own_line', number: '+14155550142' },
      { why: 'caller_is_phone', number: NORA.number },
    ];
    expect(leftOut(route({ reasons }), [NORA], 'US')).toEqual([
      '(415) 555-0142 is left out: it’s your own line.',
      'Nora’s mobile is left out: the call comes from it.',
    ]);
  });
});
