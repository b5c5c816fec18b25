import { describe, expect, it } from 'vitest';
import type { DataBackup } from '../backend/generated/desk';
import {
  age,
  bareCode,
  contentsList,
  data,
  exportSaid,
  groups,
  items,
  nextSaid,
  size,
  slip,
  standing,
} from './data';

const HOUR = 3_600_000;
const now = new Date(2026, 10, 22, 18, 5).getTime();
const backup = (hours: number, more: Partial<DataBackup> = {}): DataBackup => ({
  name: `ringdesk-${hours}`,
  at: now - hours * HOUR,
  bytes: 214_300_000,
  sealed: true,
  reason: 'daily',
  verified_at: null,
  problem: null,
  ...more,
});

describe('how the backups are', () => {
  const at = (backups: DataBackup[]) => standing({ backups }, true, now);

  it('is good while the newest is whole and of these days', () => {
    expect(at([backup(1), backup(25, { problem: 'It is damaged.' })])).toEqual({
      tone: 'good',
      title: 'Last backup today at 5:05\u00a0PM',
      text: '214.3 MB · locked · not checked yet',
    });
  });

  it('tells of the newest that is whole', () => {
    const found = at([backup(1, { problem: 'It is damaged.' }), backup(25, { sealed: false })]);
    expect(found.tone).toBe('warn');
    expect(found.title).toBe('Last complete backup yesterday at 5:05\u00a0PM');
    expect(found.text).toBe('214.3 MB · not locked · not checked yet');
  });

  it('warns where there is none, where none is whole, and where the last is old', () => {
    expect(at([]).title).toBe('No backup yet');
    expect(at([backup(1, { problem: 'It is damaged.' })]).title).toBe('No backup is complete');
    expect(at([backup(72)])).toMatchObject({ tone: 'warn', text: data.backups.old });
    // Whoever makes them by hand learns that they need not.
    const byHand = standing({ backups: [backup(72)] }, false, now);
    expect(byHand).toMatchObject({ tone: 'warn', text: data.backups.oldByHand });
  });
});

it('says when the next one is made', () => {
  expect(nextSaid(null, now)).toBeNull();
  expect(nextSaid(now - 1, now)).toBe('The next one is made in a moment.');
  expect(nextSaid(now + HOUR, now)).toBe('The next one is made today at 7:05\u00a0PM.');
  expect(nextSaid(now + 20 * HOUR, now)).toBe('The next one is made tomorrow at 2:05\u00a0PM.');
  expect(nextSaid(now + 50 * HOUR, now)).toBe('The next one is made on November 24 at 8:05\u00a0PM.');
});

it('says how old a backup is, and how large', () => {
  const old = (minutes: number) => age(now - minutes * 60_000, now);
  expect([old(0), old(20), old(180), old(60 * 47), old(60 * 24 * 12)]).toEqual([
    'just made',
    '20 minutes old',
    '3 hours old',
    '47 hours old',
    '12 days old',
  ]);
  expect([size(400), size(52_100_000), size(1_230_000_000)]).toEqual(['1 kB', '52.1 MB', '1.2 GB']);
});

describe('what is counted', () => {
  it('names what an export holds, and leaves out what there is none of', () => {
    const exported = { path: '/x', texts: 1_214, calls: 1, voicemails: 0, files: 2, bytes: 52_100_000 };
    expect(exportSaid(exported)).toBe('1,214 texts, 1 call, and 2 pictures and sounds, 52.1 MB');
    expect(exportSaid({ ...exported, texts: 0, calls: 0, files: 0 })).toBe('52.1 MB');
  });

  it('spells out what goes with a customer, and counts it on the button', () => {
    const contents = {
      conversations: 2,
      texts: 180,
      calls: 12,
      voicemails: 3,
      files: 17,
      notes: 2,
      at_twilio: 193,
    };
    expect(contentsList(contents)).toEqual([
      'The contact, with its name, tags and numbers',
      'All 2 conversations',
      '180 texts',
      '12 calls',
      '3 voicemails',
      '17 pictures and sounds',
      '2 notes',
    ]);
    expect(data.customer.go('Maria', items(contents))).toBe('Delete Maria and 214 items');
    expect(data.customer.go('Maria', 1)).toBe('Delete Maria and 1 item');
    expect(data.customer.go('Maria', 0)).toBe('Delete Maria');
  });
});

describe('a recovery code that is typed back', () => {
  const shown = '7K2QM-9XW4T-B6HJD-0RPVZ-8NCE3-51A';

  it('is shown in groups', () => {
    expect(groups(shown)).toEqual(['7K2QM-', '9XW4T-', 'B6HJD-', '0RPVZ-', '8NCE3-', '51A']);
    expect(groups(shown).join('')).toBe(shown);
  });

  it('is right whatever its case, spaces and dashes, and with letters for the digits they look like', () => {
    expect(slip(shown, ' 7k2qm9xw4t b6hjd–Orpvz 8nce3\n5lA ')).toBeNull();
    expect(bareCode('o-I l')).toBe('011');
  });

  it('is told by its group where it is another one, also where something was left out', () => {
    expect(slip(shown, '7K2QM-9XW4T-B6HJX-0RPVZ-8NCE3-51A')?.message).toContain('Group 3');
    expect(slip(shown, '7K2M-9XW4T-B6HJD-0RPVZ-8NCE3-51A')?.message).toContain('Group 1');
    expect(slip(shown, 'X')?.message).toContain('Group 1');
  });

  it('is too short where its end is missing, and too long where there is more', () => {
    expect(slip(shown, '7K2QM-9XW4T')).toEqual(data.recovery.short(10, 28));
    expect(slip(shown, `${shown}7`)).toEqual(data.recovery.long(29, 28));
  });
});
