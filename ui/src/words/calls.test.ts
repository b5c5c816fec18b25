import { describe, expect, it } from 'vitest';
import type { Call, Leg, Plan, TimelineCall } from '../backend/generated/desk';
import { caller } from './callers';
import { heard, legSaid, outcome, slip, step } from './calls';

const nora = { name: 'Nora’s mobile', number: '+14155550107' };
const sam = { name: '', number: '+14155550108' };
const forward: Plan & { kind: 'forward' } = {
  kind: 'forward',
  phones: [nora, sam],
  ring: 'in_order',
  ring_seconds: 20,
  caller_id: 'caller',
  screening: true,
};
const leg = (more: Partial<Leg> = {}): Leg => ({
  phone: 'Nora’s mobile',
  status: 'no-answer',
  screened: null,
  bridged: false,
  seconds: null,
  ...more,
});
const call = (more: Partial<Call>) =>
  ({
    name: null,
    kind: 'number',
    with: '(415) 555-0161',
    incoming: true,
    status: 'completed',
    ending: null,
    live: false,
    answered_by: null,
    legs: [],
    plan: null,
    reasons: [],
    failure: null,
    ...more,
  }) as Call;
const said = (more: Partial<Call>) => outcome(call(more)).said;

describe('what came of a call', () => {
  it('is said in words only where it is true', () => {
    expect(said({ ending: 'answered', answered_by: 'Nora' })).toBe('Answered by Nora');
    expect(said({ ending: 'answered' })).toBe('Answered');
    expect(said({ ending: 'voicemail', plan: forward })).toBe('Nobody took the call, left a voicemail');
    expect(said({ ending: 'voicemail', plan: { kind: 'voicemail' }, reasons: [{ why: 'closed' }] })).toBe(
      'After hours, left a voicemail',
    );
    expect(
      said({
        ending: 'voicemail',
        plan: { kind: 'voicemail' },
        reasons: [{ why: 'open' }, { why: 'forwarding_off' }],
      }),
    ).toBe('Left a voicemail');
    expect(said({ ending: 'blocked' })).toBe('Blocked, not put through');
    expect(said({ incoming: false, ending: 'no_answer' })).toBe('You called, no answer');
    expect(said({ incoming: false, ending: 'answered' })).toBe('You called');
    expect(said({})).toContain('not known yet');
  });

  it('says how long it rang in vain, on every phone', () => {
    const rang = { ending: 'hung_up_greeting', plan: forward } as const;
    expect(said({ ...rang, legs: [leg(), leg()] })).toBe('Missed, rang 40 s');
    expect(said({ ...rang, legs: [leg(), leg({ status: 'busy' })] })).toBe('Missed, rang 20 s');
    expect(said({ ...rang, plan: { ...forward, ring: 'at_once' }, legs: [leg(), leg()] })).toBe(
      'Missed, rang 20 s',
    );
    expect(said({ ...rang, legs: [leg({ status: 'busy' })] })).toBe('Hung up during the greeting');
  });

  it('has a sign for everything that wants an answer', () => {
    const endings = ['hung_up_ringing', 'hung_up_greeting', 'screened_out', 'heard_message'] as const;
    for (const ending of endings)
      expect(outcome(call({ ending }))).toMatchObject({ sign: 'missed', tone: 'missed' });
    for (const plan of [null, forward])
      expect(outcome(call({ ending: 'voicemail', plan }))).toMatchObject({ sign: 'voicemail', tone: 'left' });
    expect(outcome(call({ ending: 'blocked' }))).toMatchObject({ sign: 'blocked', tone: 'quiet' });
  });
});

describe('a call that goes on', () => {
  const live = { live: true, status: 'ringing', plan: forward };

  it('rings, then talks to whoever pressed 1', () => {
    expect(said({ ...live, legs: [leg({ status: 'ringing' })] })).toBe('Ringing now');
    // Picked up, by a mailbox perhaps.
    expect(said({ ...live, legs: [leg({ status: 'in-progress' })] })).toBe('Ringing now');
    expect(said({ ...live, legs: [leg({ status: 'in-progress', screened: 'accepted' })] })).toBe(
      'Talking to Nora’s mobile',
    );
  });

  it('rings our own phone before theirs', () => {
    const ours = { ...live, incoming: false, plan: null };
    expect(step(call(ours))).toBe('phone');
    expect(step(call({ ...ours, legs: [leg({ status: 'ringing' })] }))).toBe('them');
    expect(step(call({ ...ours, legs: [leg({ status: 'in-progress' })] }))).toBe('talking');
  });
});

describe('why they heard what they heard', () => {
  it('is told in the order it was decided', () => {
    const told = heard(
      call({
        ending: 'hung_up_greeting',
        reasons: [{ why: 'open' }, { why: 'own_line', number: '+14155550142' }],
        plan: forward,
      }),
      'US',
    );
    expect(told).toEqual([
      'You were open.',
      '(415) 555-0142 was left out, because it is one of your lines.',
      'Nora’s mobile and (415) 555-0108 were to ring one after another, up to 20 s each.',
      'They hung up during the greeting.',
    ]);
  });

  it('tells of each phone what came of it', () => {
    const of = (more: Partial<Leg>, plan: Plan = forward) => legSaid(call({ plan }), leg(more));
    expect(of({})).toBe('rang, did not pick up');
    expect(of({ status: 'completed', screened: 'declined' })).toBe('picked up, did not press 1');
    expect(of({ status: 'completed' })).toBe('picked up, did not press 1');
    expect(of({ status: 'completed' }, { ...forward, screening: false })).toBe('picked up');
    expect(of({ status: 'completed', bridged: true, seconds: 407 })).toBe('talked 6:47');
    expect(of({ status: 'teleported' })).toContain('teleported');
  });
});

describe('a slip', () => {
  const of = (more: Partial<TimelineCall>) =>
    slip({ ...call(more), voicemail: null, texted_back: false, ...more } as TimelineCall);

  it('is called what it is, with the circumstances below', () => {
    const greeting = { ending: 'hung_up_greeting' } as const;
    expect(of({ ...greeting, reasons: [{ why: 'closed' }], texted_back: true })).toEqual({
      title: 'Missed call',
      about: ['after hours', 'hung up during the greeting', 'texted back'],
    });
    expect(of({ ...greeting, plan: forward, legs: [leg()] }).about).toEqual(['rang 20 s']);
    const left = { ending: 'voicemail', voicemail: {} as TimelineCall['voicemail'] } as const;
    expect(of({ ...left, plan: forward })).toEqual({
      title: 'Left a voicemail',
      about: ['nobody took the call'],
    });
    const closed = { plan: { kind: 'voicemail' }, reasons: [{ why: 'holiday', name: 'Labor Day' }] } as const;
    expect(of({ ...left, ...closed, reasons: [...closed.reasons] }).about).toEqual(['after hours']);
    for (const ending of ['hung_up_ringing', 'screened_out', 'heard_message', 'failed'] as const)
      expect(of({ ending }).about).toHaveLength(1);
  });
});

it('names whoever hides their number', () => {
  expect(caller(call({ kind: 'hidden', with: 'anonymous' }))).toBe('Number withheld');
  expect(caller(call({ name: 'Priya Nair' }))).toBe('Priya Nair');
});
