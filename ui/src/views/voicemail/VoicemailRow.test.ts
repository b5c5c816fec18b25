import { cleanup, render, screen } from '@testing-library/svelte';
import { afterEach, describe, expect, it } from 'vitest';
import type { Voicemail } from '../../backend/generated/desk';
import VoicemailRow from './VoicemailRow.svelte';

const row = {
  id: 'h',
  name: 'Helen Okafor',
  customer: '+14155550161',
  kind: 'number',
  at: 0,
  heard: false,
  waiting: false,
  late: null,
  writing: 'off',
  transcript: 'The radiator is cold.',
} as unknown as Voicemail;

describe('a row of voicemail', () => {
  afterEach(cleanup);

  it('is one stop of the Tab key among all of them', () => {
    const act = () => undefined;
    const rest = { playing: false, now: 0, line: null, onopen: act, ontoggle: act };
    for (const stop of [true, false]) {
      render(VoicemailRow, { row, current: false, stop, ...rest });
      expect(screen.getByRole('button').getAttribute('tabindex')).toBe(stop ? '0' : '-1');
      cleanup();
    }
  });
});
