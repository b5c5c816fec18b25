import { describe, expect, it } from 'vitest';
import type { Away, CatchUp, Health, History } from '../backend/generated/desk';
import { came, catching, digest, foot, isTellingOffline, sinceOffline, stamp, truth } from './catching';
import type { Placard } from './health';
import { backTo, broughtIn, history as words, historySaid, progressSaid, range } from './history';
import { timeOfDay } from './time';

const now = new Date(2026, 10, 20, 14, 40).getTime();
const MINUTE = 60_000;
const nothing: Away = {
  from: now - 20 * 60 * MINUTE,
  to: now - MINUTE,
  complete: true,
  texts: 0,
  people: 0,
  calls: 0,
  missed: 0,
  voicemails: 0,
  conversations: [],
};
const past: History = { state: 'done', days: 30, back_to: null, percent: 100, texts: 0, calls: 0 };
const state = (more: Partial<CatchUp>): CatchUp => ({
  running: false,
  complete_to: now - 8 * MINUTE,
  problem: null,
  repaired: 0,
  away: null,
  history: past,
  ...more,
});

describe('what came while nobody was here', () => {
  const said = (more: Partial<Away>) => came({ ...nothing, ...more });
  it('is counted, and what there is none of is left out', () => {
    expect(said({ texts: 12, people: 5, calls: 4, missed: 3, voicemails: 1 })).toBe(
      '12 texts from 5 people · 3 missed calls · 1 voicemail',
    );
    expect(said({ texts: 1, people: 1 })).toBe('1 text');
    expect(said({ texts: 2, people: 1 })).toBe('2 texts from 1 person');
    expect(said({ texts: 1_200, people: 40 })).toBe('1,200 texts from 40 people');
    expect(said({ calls: 1, missed: 1 })).toBe('1 missed call');
    expect(said({})).toBe('');
  });

  it('tells calls somebody took, too', () => {
    expect(said({ calls: 5, missed: 1, voicemails: 2 })).toBe(
      '1 missed call · 2 voicemails · 2 answered calls',
    );
  });

  it('is told only where something came', () => {
    expect(digest(state({}), now)).toBeNull();
    expect(digest(state({ away: nothing }), now)).toBeNull();
    expect(digest(state({ away: { ...nothing, complete: false }, running: true }), now)).toBeNull();
  });

  const away = { ...nothing, texts: 3, people: 2 };
  it('says since when, once all of it is here', () => {
    const all = digest(state({ away }), now);
    expect(all).toMatchObject({
      title: 'While you were away',
      came: '3 texts from 2 people',
      fetching: false,
    });
    expect(all?.hint).toMatch(/^Everything since yesterday at .* is here\.$/);
  });

  it('says that more is on its way, or why it is not', () => {
    const some = { ...away, complete: false };
    expect(digest(state({ away: some, running: true }), now)).toEqual({
      title: 'Fetching what came while you were away…',
      came: '3 texts from 2 people so far',
      hint: 'You can start reading.',
      fetching: true,
    });
    expect(digest(state({ away: some, problem: 'Twilio does not answer.' }), now)).toMatchObject({
      title: 'While you were away',
      hint: 'Not all of it is here yet. Twilio does not answer.',
      fetching: false,
    });
    expect(digest(state({ away: some }), now)?.hint).toMatch(/asks Twilio again by itself/);
  });

  it('does not say once more what the banner says of a lost connection', () => {
    const title = 'While you were away';
    const came = '3 texts from 2 people';
    const some = { ...away, complete: false };
    const quiet = { title, hint: '', fetching: false };
    const problem = 'Twilio does not answer.';
    expect(digest(state({ away: some, problem }), now, true)).toEqual({ ...quiet, came: `${came} so far` });
    expect(digest(state({ away: some, running: true }), now, true)).toEqual({
      ...quiet,
      came: `${came} so far`,
    });
    expect(digest(state({ away }), now, true)).toEqual({ ...quiet, came });
  });
});

describe('the stamp', () => {
  it('is calm where everything is here, also while it is looked again', () => {
    for (const running of [false, true]) {
      const { said, trouble } = stamp(state({ running }), true, now);
      expect(said).toBe(`Complete up to ${timeOfDay(now - 8 * MINUTE)}`);
      expect(trouble).toBe('');
    }
  });

  it('says nothing before anything is known', () => {
    expect(stamp(state({ complete_to: null }), true, now)).toEqual({ said: '', trouble: '' });
    expect(stamp(state({ complete_to: null, running: true }), true, now).trouble).toBe(
      catching.complete.first,
    );
  });

  it('names the day where it is another one', () => {
    const { said } = stamp(state({ complete_to: now - 24 * 60 * MINUTE }), true, now);
    expect(said).toMatch(/^Complete up to yesterday at /);
  });

  it('says what is being done where it is older than a quarter of an hour', () => {
    const trouble = (more: Partial<CatchUp>, connected = true, age = 16) =>
      stamp(state({ complete_to: now - age * MINUTE, ...more }), connected, now).trouble;
    expect(trouble({}, true, 15)).toBe('');
    expect(trouble({})).toBe('What came since is still to be fetched.');
    expect(trouble({ running: true })).toBe('Fetching what came since…');
    expect(trouble({}, false)).toBe('What came since is fetched when Twilio answers.');
    const away = { ...nothing, complete: false };
    expect(trouble({ running: true, away })).toBe('Fetching what came while you were away…');
    expect(trouble({ running: true, away: { ...away, texts: 1, people: 1 } })).toBe(
      'Fetching what came since…',
    );
  });

  it('says why it could not be looked, until it is looked again', () => {
    const problem = 'Twilio does not answer.';
    expect(stamp(state({ problem }), true, now).trouble).toBe('Twilio does not answer.');
    expect(stamp(state({ problem, running: true }), true, now).trouble).toBe('');
  });

  it('stands at the foot of the list without what the banner says', () => {
    const problem = 'Twilio does not answer.';
    const health = (more: Partial<Health>) =>
      ({ connected: false, sign_in_refused: false, locked: null, ...more }) as Health;
    const trouble = (known: Health | null) => foot(state({ problem }), known, now).trouble;
    expect(foot(state({ problem }), health({}), now)).toEqual({
      said: `Complete up to ${timeOfDay(now - 8 * MINUTE)}`,
      trouble: '',
    });
    // Something worse has the banner, or there is none.
    const others = [health({ sign_in_refused: true }), health({ locked: 'restored' }), null];
    for (const known of [...others, health({ connected: true })]) {
      expect([isTellingOffline(known), trouble(known)]).toEqual([false, problem]);
    }
  });

  it('is told where there is no connection', () => {
    expect(sinceOffline(null, now)).toBe('');
    expect(sinceOffline(now - 8 * MINUTE, now)).toBe(
      `Complete up to ${timeOfDay(now - 8 * MINUTE)}. What came since is fetched when Twilio answers.`,
    );
  });
});

describe('what did not come by itself', () => {
  it('is counted', () => {
    const { repaired, fetched } = catching.complete;
    expect([repaired(1), fetched(1)]).toEqual([
      '1 text or call of this week didn’t come by itself.',
      'It was fetched and is here.',
    ]);
    expect([repaired(3), fetched(3)]).toEqual([
      '3 texts or calls of this week didn’t come by themselves.',
      'They were fetched and are here.',
    ]);
  });
});

describe('the past', () => {
  const history = (more: Partial<History>): History => ({ ...past, ...more });
  it('has a word for each choice, and for any other number of days', () => {
    expect(words.choices.map(([days]) => range(Number(days)))).toEqual([
      'the last 30 days',
      'the last 3 months',
      'the last 6 months',
      'the last 13 months',
    ]);
    expect([range(45), range(1)]).toEqual(['the last 45 days', 'the last day']);
  });

  it('says how far it is', () => {
    const back_to = new Date(2026, 7, 22).getTime();
    expect(backTo({ back_to })).toMatch(/^Everything back to .*2026.* is here\.$/);
    expect(backTo({ back_to: null })).toBeNull();
    expect(broughtIn({ texts: 1_204, calls: 1 })).toBe('1,204 texts and 1 call');
    expect(broughtIn({ texts: 0, calls: 0 })).toBe('No texts or calls');
    expect(progressSaid(history({ state: 'running', percent: 40, texts: 2 }))).toBe('40 %. 2 texts.');
  });

  it('says how it stands', () => {
    const said = (more: Partial<History>, problem: string | null = null) =>
      historySaid(history(more), problem);
    expect(said({ state: 'none' }).title).toBe('Nothing to bring in yet');
    expect(said({ state: 'running', days: 91 }).title).toBe('Bringing in the last 3 months');
    expect(said({ state: 'running' }, 'Twilio does not answer.').hint).toBe('Twilio does not answer.');
    expect(said({ state: 'stopped' }).hint).toBe('Nothing was brought in yet. It can go on where it was.');
    expect(said({ texts: 3, calls: 2 })).toEqual({
      title: 'All of the last 30 days is here',
      hint: '3 texts and 2 calls.',
    });
  });
});

describe('the placard', () => {
  const usual: Placard = { title: 'Connected', hint: 'Last heard', bad: false, act: null };
  const health = (more: Partial<Health>) =>
    ({
      connected: true,
      reachable: true,
      sign_in_refused: false,
      moved: false,
      elsewhere: ['(415) 555-0142'],
      ...more,
    }) as Health;
  it('says that another computer answers, where nothing is worse', () => {
    expect(truth(usual, health({}))).toMatchObject({
      title: 'Another computer answers',
      bad: true,
      act: 'check',
    });
    expect(truth(usual, health({ elsewhere: [] }))).toBe(usual);
    expect(truth(usual, null)).toBe(usual);
    for (const worse of [
      { connected: false },
      { reachable: false },
      { sign_in_refused: true },
      { moved: true },
    ])
      expect(truth(usual, health(worse))).toBe(usual);
  });
});
