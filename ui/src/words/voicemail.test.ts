import { describe, expect, it } from 'vitest';
import type { AudioState, Engine, Voicemail } from '../backend/generated/desk';
import { addressed } from './people';
import { atTime } from './time';
import { lengthOf } from './time';
import {
  clock,
  doubtful,
  emailSaid,
  heardSaid,
  lengthSaid,
  speedSaid,
  preview,
  silent,
  standing,
  unwritten,
  wordless,
} from './voicemail';

const one = (more: Partial<Voicemail> = {}) =>
  ({
    heard: false,
    heard_by: null,
    audio: 'kept',
    audio_problem: null,
    transcript: null,
    writing: 'text',
    writing_problem: null,
    called_back: false,
    email: null,
    email_problem: null,
    ...more,
  }) as Voicemail;

describe('who heard it', () => {
  it('is said of us and of others', () => {
    expect(heardSaid(one())).toBe('Not heard');
    expect(heardSaid(one({ heard: true, heard_by: 'owner' }))).toBe('Heard by you');
    expect(heardSaid(one({ heard: true }))).toBe('Heard by you');
    expect(heardSaid(one({ heard: true, heard_by: 'Sam' }))).toBe('Heard by Sam');
  });

  it('comes before everything else a row could say', () => {
    const writing = { writing: 'writing' } as const;
    expect(standing(one({ called_back: true }))).toEqual({ said: 'Not heard', sign: 'unheard' });
    expect(standing(one(writing)).said).toBe('Not heard, writing it down…');
    expect(standing(one({ ...writing, heard: true })).sign).toBe('writing');
    expect(standing(one({ heard: true, called_back: true })).said).toBe('You called back');
    expect(standing(one({ heard: true })).sign).toBe('heard');
  });
});

describe('what cannot be read', () => {
  it('has a sentence in the list', () => {
    expect(wordless(one({ writing: 'writing' }))).toBeNull();
    expect(wordless(one({ writing: 'no_speech' }))).toBe('No speech found. Probably a pocket call.');
    expect(wordless(one({ writing: 'unavailable', writing_problem: 'too_short' }))).toMatch(/^Too short/);
    expect(wordless(one({ writing: 'off' }))).toMatch(/Listen/);
    expect(preview(one({ transcript: ' Hi\n\nNora ' }))).toBe('Hi Nora');
    expect(preview(one({ transcript: ' ' }))).toBeNull();
  });

  it('says what helps, and offers only that', () => {
    const why = (
      writing_problem: Voicemail['writing_problem'],
      now: Engine,
      audio = 'kept' as AudioState,
    ) => {
      const { again, settings } = unwritten(one({ writing: 'unavailable', writing_problem, audio }), now);
      return [again && 'again', settings && 'settings'].filter(Boolean).join(' ');
    };
    expect(why('failed', 'twilio')).toBe('again');
    expect(why('no_answer', 'twilio')).toBe('again');
    expect(why('too_short', 'twilio')).toBe('');
    expect(why('too_long', 'twilio')).toBe('settings');
    // A program takes what Twilio does not, where there is something to listen to.
    expect(why('too_short', 'command')).toBe('again');
    expect(why('no_program', 'command')).toBe('again settings');
    expect(why('no_audio', 'command', 'gone')).toBe('');
    expect(why('failed', 'off')).toBe('');
  });

  it('is not written down before somebody is to', () => {
    const off = (now: Engine) => unwritten(one({ writing: 'off' }), now);
    expect(off('off')).toMatchObject({ settings: true, again: false });
    expect(off('twilio')).toMatchObject({ settings: false, again: false });
    expect(off('command')).toMatchObject({ settings: false, again: true });
  });
});

describe('what cannot be heard', () => {
  it('says why and whether to ask once more', () => {
    expect([silent(one()), doubtful(one())]).toEqual([null, null]);
    expect(doubtful(one({ audio_problem: 'It is shorter than Twilio says.' }))).toMatch(/missing/);
    expect(silent(one({ audio: 'wanted' }))).toMatchObject({ text: 'On its way from Twilio', again: false });
    expect(silent(one({ audio: 'wanted', audio_problem: 'Twilio does not answer' }))).toMatchObject({
      text: 'Not here yet',
      hint: 'Ringdesk goes on trying. Last time: Twilio does not answer.',
      again: true,
    });
    for (const audio of ['refused', 'gone', 'deleted'] as const) {
      expect(silent(one({ audio })), audio).toMatchObject({ again: true });
    }
  });
});

describe('its email', () => {
  it('is told where one is sent', () => {
    expect(emailSaid(one())).toBeNull();
    expect(emailSaid(one({ email: 'sent' }))).toBe('Emailed to you.');
    const why = { email_problem: 'the mail server does not accept the login' };
    expect(emailSaid(one({ email: 'failed', ...why }))).toBe(
      'Could not be emailed: the mail server does not accept the login.',
    );
    expect(emailSaid(one({ email: 'waiting', ...why }))).toMatch(/tried again/);
    expect(emailSaid(one({ email: 'waiting' }))).toBe('Waiting to be emailed to you.');
  });
});

it('gives times as a tape does', () => {
  expect([0, 999, 23_400, 70_000, -5].map(clock)).toEqual(['0:00', '0:00', '0:23', '1:10', '0:00']);
  expect([200, 42_300, 59_600].map(lengthSaid)).toEqual(['0:01', '0:42', '1:00']);
  expect(lengthOf({ length_ms: null, duration_s: 6 })).toBe(6_000);
  expect(lengthOf({ length_ms: 6_120, duration_s: 6 })).toBe(6_120);
  expect(lengthOf({ length_ms: null, duration_s: null })).toBe(0);
  expect([100, 125, 150, 200].map(speedSaid)).toEqual(['1×', '1.25×', '1.5×', '2×']);
});

it('says when in a sentence', () => {
  const now = new Date(2026, 10, 21, 9, 41).getTime();
  const day = 86_400_000;
  expect(atTime(now, now)).toMatch(/^today at 9:41/);
  expect(atTime(now - day, now)).toMatch(/^yesterday at/);
  expect(atTime(now - 3 * day, now)).toMatch(/^on Wednesday at/);
  expect(atTime(now - 30 * day, now)).toMatch(/^on October 22 at/);
});

it('calls people by their first name', () => {
  expect(addressed('Hi {name}!', 'Helen Okafor')).toBe('Hi Helen!');
  expect(addressed('Hi {name}!', null)).toBe('Hi there!');
});
