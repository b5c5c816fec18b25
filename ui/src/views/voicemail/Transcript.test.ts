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
/** Gives it the focus, by a key or by a pointer. */
function reach(list: HTMLElement, byKey: boolean): void {
  vi.spyOn(list, 'matches').mockReturnValue(byKey);
  list.blur();
  list.focus();
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
    expect(list.getAttribute('aria-activedescendant')).toBe(options[1]?.id);
    reach(list, true);
    for (const key of ['ArrowRight', 'Enter', 'Home', 'Enter']) {
      expect(await fireEvent.keyDown(list, { key }), key).toBe(false);
    }
    expect(played()).toEqual([700, 1_300, 200]);
    expect(list.getAttribute('aria-activedescendant')).toBe(options[0]?.id);
  });

  it('leave the keys of the player to it after a click', async () => {
    const { played } = transcript();
    const list = screen.getByRole('listbox');
    const word = screen.getAllByRole('option')[1] as HTMLElement;
    reach(list, true);
    await fireEvent.pointerDown(word);
    await fireEvent.click(word);
    const above = vi.fn();
    document.addEventListener('keydown', above);
    for (const key of [' ', 'ArrowLeft', 'ArrowRight']) {
      expect(await fireEvent.keyDown(list, { key }), key).toBe(true);
    }
    expect(above).toHaveBeenCalledTimes(3);
    expect([played(), list.getAttribute('aria-activedescendant')]).toEqual([[700], word.id]);
    // Space is the player's also where the keys walk.
    reach(list, true);
    await fireEvent.keyDown(list, { key: ' ' });
    expect(above).toHaveBeenCalledTimes(4);
    await fireEvent.keyDown(list, { key: 'ArrowRight' });
    expect(above).toHaveBeenCalledTimes(4);
    document.removeEventListener('keydown', above);
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
    await vi.waitFor(() => expect(document.activeElement).toBe(button('Edit')));
    await fireEvent.click(button('Edit'));
    await fireEvent.keyDown(screen.getByLabelText('What was said'), { key: 'Escape' });
    expect(screen.queryByLabelText('What was said')).toBeNull();
    await vi.waitFor(() => expect(document.activeElement).toBe(button('Edit')));
    expect(onedit).toHaveBeenCalledOnce();
  });

  it('keep what was changed when Escape is pressed, until it is canceled', async () => {
    transcript();
    const field = () => screen.getByLabelText<HTMLTextAreaElement>('What was said');
    await fireEvent.click(button('Edit'));
    await fireEvent.input(field(), { target: { value: 'Hi' } });
    await fireEvent.keyDown(field(), { key: 'Escape' });
    expect(screen.getByText(/isn’t saved yet/)).toBeTruthy();
    await fireEvent.click(button('Edit'));
    expect(field().value).toBe('Hi');
    await fireEvent.click(button('Cancel'));
    expect(screen.queryByText(/isn’t saved yet/)).toBeNull();
    await fireEvent.click(button('Edit'));
    expect(field().value).toBe('Hi Nora, ta-ra.');
  });

  it('are copied, and say so for a while, or say that they were not', async () => {
    vi.useFakeTimers();
    const writeText = vi.spyOn(navigator.clipboard, 'writeText').mockResolvedValue();
    transcript();
    await fireEvent.click(button('Copy'));
    await vi.advanceTimersByTimeAsync(10);
    expect(writeText.mock.calls).toEqual([['Hi Nora, ta-ra.']]);
    expect(button('Copied')).toBeTruthy();
    await vi.advanceTimersByTimeAsync(3_000);
    writeText.mockRejectedValue(new Error('no'));
    await fireEvent.click(button('Copy'));
    await vi.advanceTimersByTimeAsync(10);
    expect(screen.getByText(/The clipboard did not take it/)).toBeTruthy();
    vi.useRealTimers();
    writeText.mockRestore();
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
