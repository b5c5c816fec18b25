import { describe, expect, it } from 'vitest';
import type { Backend, Command, Request } from '../backend/backend';
import type { Check, Checkup, Conversation, Fix, Grade, Place, Webhook } from '../backend/generated/desk';
import { canFix, isUnsettled, leads, LineCheck, lineCheckOf, ranked } from './health.svelte';
import { WebhookLog } from './webhooks.svelte';
import { Office } from './office.svelte';

function check(id: string, grade: Grade, fix: Fix | null = null): Check {
  return {
    id,
    title: `About ${id}`,
    grade,
    said: `${id} is so`,
    why: 'It matters.',
    hint: null,
    fix,
    details: [],
  };
}
const refusal = { code: 'told', message: 'Twilio refused.', hint: 'Try later.' } as unknown as Error;

/** An office whose line can be looked over, and what it was asked. */
function line(found: Check[]) {
  const asked: string[] = [];
  const line = { found, refuses: false };
  const answer = (command: Command, request: never): unknown => {
    if (command !== 'doctor' && command !== 'fix') return {};
    asked.push(command);
    if (line.refuses) return Promise.reject(refusal);
    if (command === 'fix') return check((request as Request<'fix'>).check, 'pass');
    return { at: 1, took_ms: 4_000, live: true, worst: 'pass', checks: line.found } satisfies Checkup;
  };
  const backend = {
    call: async (command: Command, request: never) => answer(command, request),
    player: { listen: () => () => undefined },
  } as unknown as Backend;
  const office = new Office(backend, false);
  return { asked, line, office, check: lineCheckOf(office) };
}
const ids = (it: LineCheck) => it.checks.map(({ id }) => id);

describe('what was found', () => {
  it('is shown with the worst first, and else in the order of a line’s life', () => {
    const found = [check('a', 'pass'), check('b', 'unknown'), check('c', 'warn'), check('d', 'pass')];
    expect(ranked([...found, check('e', 'fail')]).map(({ id }) => id)).toEqual(['e', 'c', 'a', 'd', 'b']);
  });

  it('keeps its place when it is mended or looked at by itself, and is put in order when asked for', async () => {
    const { line: desk, check: it } = line([check('a', 'pass'), check('b', 'fail'), check('c', 'warn')]);
    await it.look();
    expect([ids(it), it.worst, it.said]).toEqual([['b', 'c', 'a'], 'fail', 'One thing needs you']);
    await it.fix(it.checks[0] as Check);
    expect([ids(it), it.worst]).toEqual([['b', 'c', 'a'], 'warn']);
    expect(it.said).toBe('About b: In order. b is so');
    desk.found = [check('a', 'fail'), check('b', 'pass'), check('c', 'pass'), check('d', 'pass')];
    await it.look(false);
    expect([ids(it), it.worst]).toEqual([['b', 'c', 'a', 'd'], 'fail']);
    await it.look();
    expect(ids(it)).toEqual(['a', 'b', 'c', 'd']);
  });

  it('stays on the screen where looking again fails, and says why', async () => {
    const { line: desk, check: it } = line([check('a', 'warn')]);
    await it.look();
    desk.refuses = true;
    await it.look(false);
    expect([it.problem, ids(it)]).toEqual([null, ['a']]);
    await it.look();
    expect([it.problem?.message, ids(it), it.running]).toEqual(['Twilio refused.', ['a'], false]);
  });

  it('says beside the check why it could not be mended', async () => {
    const { asked, line: desk, check: it } = line([check('a', 'fail')]);
    await it.look();
    desk.refuses = true;
    await it.fix(it.checks[0] as Check);
    expect(it.refused).toEqual({ check: 'a', why: refusal });
    expect([it.fixing, it.checks[0]?.grade, it.said]).toEqual([null, 'fail', '']);
    expect(asked).toEqual(['doctor', 'fix']);
  });

  it('is one for the whole window', () => {
    const { office, check: it } = line([]);
    expect(lineCheckOf(office)).toBe(it);
  });
});

describe('what no press mends', () => {
  it('leads to a place in the window', () => {
    expect(leads.address).toEqual({ to: 'settings', section: 'line', part: 'address' });
    expect(leads.lines).toEqual({ to: 'settings', section: 'line', part: 'numbers' });
    expect(leads.sound).toEqual({ to: 'settings', section: 'voicemail', part: null });
    expect(leads.webhooks).toEqual({ to: 'log' });
    const { office, check: it } = line([]);
    it.configure('backup');
    expect([office.section, office.settingsSection, it.part]).toEqual(['settings', 'line', 'backup']);
    it.show('log');
    expect([office.section, it.page]).toEqual(['health', 'log']);
  });

  it('is not offered in a browser where only the program’s own window has it', () => {
    const leads = (place: Place | null) => check('a', 'fail', { label: 'Mend it', place });
    for (const place of ['account', 'token', 'running'] as const) {
      expect([canFix(leads(place), true), canFix(leads(place), false)], place).toEqual([true, false]);
    }
    for (const place of [null, 'address', 'webhooks', 'notifications'] as const) {
      expect(canFix(leads(place), false), String(place)).toBe(true);
    }
    expect(canFix(check('a', 'fail'), true)).toBe(false);
  });

  it('finds the texts that did not get away', () => {
    const last = (status: string, more = {}) =>
      ({
        last: { incoming: false, preview: '', status, failed: false, pictures: 0, ...more },
      }) as Conversation;
    for (const row of [last('send_unknown'), last('waiting'), last('failed', { failed: true })]) {
      expect(isUnsettled(row)).toBe(true);
    }
    const others = [last('delivered'), last('received', { incoming: true }), { last: null } as Conversation];
    for (const row of others) expect(isUnsettled(row)).toBe(false);
  });
});

function webhook(seq: number, more: Partial<Webhook> = {}): Webhook {
  return { seq, event: 'sms/inbound', at: seq, state: 'applied', fields: [], ...more } as Webhook;
}
/** An office with so many requests in its log, every tenth of which could not be stored. */
function received(n: number) {
  const kept = Array.from({ length: n }, (_, at) => {
    const seq = n - at;
    return webhook(seq, { state: seq % 10 === 0 ? 'failed' : 'applied' });
  });
  const desk = { kept, refuses: false };
  const call = (command: Command, request: unknown): Promise<unknown> => {
    if (desk.refuses) return Promise.reject(refusal);
    if (command === 'replay_webhook') {
      const { seq } = request as Request<'replay_webhook'>;
      desk.kept = desk.kept.map((row) => (row.seq === seq ? { ...row, state: 'applied' } : row));
      return Promise.resolve(desk.kept.find((row) => row.seq === seq));
    }
    const { state, before = Infinity, limit = 50 } = request as Request<'webhooks'>;
    const fitting = desk.kept.filter((row) => row.seq < before && (!state || row.state === state));
    return Promise.resolve({ webhooks: fitting.slice(0, limit) });
  };
  return { desk, log: new WebhookLog({ call } as unknown as Backend) };
}
const shown = (log: WebhookLog) => log.rows.map(({ seq }) => seq);

describe('the log', () => {
  it('comes in parts, older ones on demand, and is asked for again as far as it is loaded', async () => {
    const { desk, log } = received(120);
    await log.choose('all');
    expect([log.rows.length, log.more]).toEqual([50, true]);
    await log.earlier();
    await log.earlier();
    expect([log.rows.length, log.more]).toEqual([120, false]);
    desk.kept = [webhook(121), ...desk.kept];
    await log.load();
    expect([log.rows.length, new Set(shown(log)).size, shown(log)[0]]).toEqual([121, 121, 121]);
  });

  it('moves no row while somebody points at it', async () => {
    const { desk, log } = received(3);
    await log.choose('all');
    log.hold(true);
    desk.kept = [
      webhook(4),
      ...desk.kept.map((row) => (row.seq === 2 ? webhook(2, { problem: 'so' }) : row)),
    ];
    await log.load();
    expect([shown(log), log.later, log.rows[1]?.problem]).toEqual([[3, 2, 1], true, 'so']);
    log.hold(false);
    expect([shown(log), log.later]).toEqual([[4, 3, 2, 1], false]);
  });

  it('shows what was tried again where it stands, until others are shown', async () => {
    const { log } = received(40);
    await log.choose('failed');
    expect(shown(log)).toEqual([40, 30, 20, 10]);
    await log.tryAgain(30);
    expect([shown(log), log.rows[1]?.state]).toEqual([[40, 30, 20, 10], 'applied']);
    expect([log.said, log.trying]).toEqual(['It is stored now.', null]);
    await log.choose('failed');
    expect(shown(log)).toEqual([40, 20, 10]);
  });

  it('says why trying again failed, and that it could not be had', async () => {
    const { desk, log } = received(10);
    await log.choose('all');
    desk.refuses = true;
    await log.tryAgain(10);
    expect(log.refused).toEqual({ seq: 10, why: refusal });
    await log.choose('quarantined');
    expect([log.failed, log.loaded, shown(log)]).toEqual([true, false, []]);
    desk.refuses = false;
    await log.choose('quarantined');
    expect([log.failed, log.loaded, shown(log)]).toEqual([false, true, []]);
  });
});
