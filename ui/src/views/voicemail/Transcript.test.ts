import { cleanup, fireEvent, render, screen } from '@testing-library/svelte';
import { SvelteMap } from 'svelte/reactivity';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Voicemail } from '../../backend/generated/desk';
import type { Playback } from '../../state/player.svelte';
import Transcript from './Transcript.svelte';

const word = (text: string, start_ms: number, unsure = false) => ({
  text,
  start_ms,
  end_ms: start_ms + 400,
  unsure,
});
const helen = {
  id: 'helen',
  name: 'Helen Okafor',
  audio: 'kept',
  transcript: 'Hi Nora, ta-ra.',
  writing: 'text',
  writing_problem: null,
  engine: 'command',
  words: [word('Hi', 200), word('Nora,', 700), word('ta-ra.', 1_300, true)],
  edited: false,
  original: null,
} as unknown as Voicemail;

function transcript(more: Partial<Voicemail> = {}, position = 0) {
  const play = vi.fn();
  const player = { has: () => position > 0, position, play } as unknown as Playback;
  const [onwrite, onsettings] = [vi.fn(), vi.fn()];
  const onedit = vi.fn<(text: string | null) => Promise<boolean>>(() => Promise.resolve(true));
  render(Transcript, {
    voicemail: { ...helen, ...more },
    player,
    engine: 'command',
    edits: new SvelteMap<string, string>(),
    onedit,
    onwrite,
    onsettings,
  });
  return { played: () => play.mock.calls.map(([, at]) => at), onedit, onwrite, onsettings };
}
const button = (name: string) => screen.getByRole('button', { name });

describe('the words', () => {
  afterEach(cleanup);

  it('are one stop of the Tab key, and each can be heard', async () => {
    const { played } = transcript();
    const list = screen.getByRole('listbox', { name: 'What Helen said, word by word' });
    const options = screen.getAllByRole('option');
    expect(options.map((option) => option.textContent)).toEqual(['Hi', 'Nora,', 'ta-ra.']);
    expect(list.textContent.trim()).toBe('Hi Nora, ta-ra.');
    expect(options.every((option) => option.getAttribute('tabindex') === null)).toBe(true);
    await fireEvent.click(options[1] as HTMLElement);
    for (const key of ['ArrowRight', 'Enter', 'Home', ' ']) await fireEvent.keyDown(list, { key });
    expect(played()).toEqual([700, 1_300, 200]);
    expect(list.getAttribute('aria-activedescendant')).toBe(options[0]?.id);
  });

  it('show which is said, which were, and which are unsure', () => {
    transcript({}, 800);
    const classes = screen
      .getAllByRole('option')
      .map((option) => ['said', 'now', 'unsure'].filter((one) => option.classList.contains(one)).join(' '));
    expect(classes).toEqual(['said', 'said now', 'unsure']);
    expect(screen.getByTitle('Not sure about this word').textContent).toBe('ta-ra.');
  });

  it('are changed in place, or left as they were', async () => {
    const { onedit } = transcript();
    await fireEvent.click(button('Edit'));
    const field = screen.getByLabelText<HTMLTextAreaElement>('What was said');
    expect(document.activeElement).toBe(field);
    await fireEvent.input(field, { target: { value: 'Hi Nora, tara. ' } });
    await fireEvent.click(button('Save words'));
    expect(onedit.mock.calls).toEqual([['Hi Nora, tara.']]);
    await vi.waitFor(() => expect(screen.queryByLabelText('What was said')).toBeNull());
    await fireEvent.click(button('Edit'));
    await fireEvent.keyDown(screen.getByLabelText('What was said'), { key: 'Escape' });
    expect(screen.queryByLabelText('What was said')).toBeNull();
    expect(onedit).toHaveBeenCalledOnce();
  });

  it('go back to what was written down', async () => {
    const { onedit } = transcript({ edited: true, original: 'High Nora', words: [] });
    await fireEvent.click(button('Edit'));
    expect(screen.getByText('High Nora')).toBeTruthy();
    await fireEvent.click(button('Back to the original'));
    expect(onedit.mock.calls).toEqual([[null]]);
  });

  it('say why there are none, with a way out', async () => {
    const none = { transcript: null, words: [] };
    const { onwrite, onsettings } = transcript({
      ...none,
      writing: 'unavailable',
      writing_problem: 'no_program',
    });
    await fireEvent.click(button('Try again'));
    await fireEvent.click(button('Settings → Voicemail'));
    expect([onwrite.mock.calls.length, onsettings.mock.calls.length]).toEqual([1, 1]);
    expect(button('Type it yourself')).toBeTruthy();
    cleanup();
    transcript({ ...none, writing: 'writing' });
    expect(screen.getByRole('status').textContent).toContain('Writing it down…');
    cleanup();
    transcript({ ...none, writing: 'no_speech' });
    expect(screen.getByText('No speech found. Probably a pocket call.')).toBeTruthy();
  });
});
