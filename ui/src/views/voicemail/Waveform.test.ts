import { cleanup, fireEvent, render, screen } from '@testing-library/svelte';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import Waveform from './Waveform.svelte';

function wave(more: object = {}) {
  const onseek = vi.fn<(ms: number) => void>();
  const ontoggle = vi.fn<() => void>();
  const props = { peaks: [], position: 23_400, length: 70_000, label: 'Position', onseek, ontoggle, ...more };
  render(Waveform, props);
  const slider = screen.getByRole('slider', { name: 'Position' });
  vi.spyOn(slider, 'getBoundingClientRect').mockReturnValue({ left: 100, width: 200 } as DOMRect);
  return { slider, onseek, ontoggle };
}
const asked = (mock: { mock: { calls: unknown[][] } }) => mock.mock.calls.map(([what]) => what);

describe('the waveform', () => {
  beforeAll(() => {
    HTMLElement.prototype.setPointerCapture = () => undefined;
  });
  afterEach(cleanup);

  it('says where it is, also where nothing is known of the sound', () => {
    const { slider } = wave();
    expect(slider.getAttribute('aria-valuetext')).toBe('0:23 of 1:10');
    expect(slider.getAttribute('aria-valuenow')).toBe('23');
    expect(slider.getAttribute('aria-valuemax')).toBe('70');
    expect(slider.querySelectorAll('path')).toHaveLength(2);
  });

  it('does not make up a length nobody knows', async () => {
    const { slider, onseek } = wave({ length: 0, position: 3_000 });
    expect(slider.getAttribute('aria-valuetext')).toBe('0:03, length unknown');
    expect(slider.getAttribute('aria-valuemax')).toBe('3');
    await fireEvent.keyDown(slider, { key: 'End' });
    expect(onseek).not.toHaveBeenCalled();
  });

  it('is moved by keys, which do nothing else then', async () => {
    const { slider, onseek, ontoggle } = wave();
    for (const key of ['ArrowRight', 'ArrowLeft', 'ArrowUp', 'ArrowDown', 'Home', 'End', ' ']) {
      expect(await fireEvent.keyDown(slider, { key }), key).toBe(false);
    }
    expect(asked(onseek)).toEqual([28_400, 18_400, 28_400, 18_400, 0, 70_000]);
    expect(ontoggle).toHaveBeenCalledOnce();
    // Those go to the next voicemail, elsewhere.
    expect(await fireEvent.keyDown(slider, { key: 'ArrowRight', shiftKey: true })).toBe(true);
    expect(await fireEvent.keyDown(slider, { key: 'j' })).toBe(true);
  });

  it('is moved by a click or by dragging, and Escape leaves it as it was', async () => {
    const { slider, onseek } = wave();
    await fireEvent.pointerDown(slider, { button: 0, clientX: 150 });
    expect(slider.getAttribute('aria-valuetext')).toBe('0:17 of 1:10');
    await fireEvent.pointerMove(slider, { clientX: 250 });
    await fireEvent.pointerUp(slider, { clientX: 400 });
    expect(asked(onseek)).toEqual([70_000]);
    await fireEvent.pointerDown(slider, { button: 0, clientX: 150 });
    await fireEvent.keyDown(slider, { key: 'Escape' });
    await fireEvent.pointerUp(slider, { clientX: 150 });
    expect(onseek).toHaveBeenCalledOnce();
    expect(slider.getAttribute('aria-valuetext')).toBe('0:23 of 1:10');
  });

  it('does nothing where there is nothing to hear', async () => {
    const { slider, onseek } = wave({ off: true });
    await fireEvent.keyDown(slider, { key: 'ArrowRight' });
    await fireEvent.pointerDown(slider, { button: 0, clientX: 150 });
    await fireEvent.pointerUp(slider, { clientX: 150 });
    expect([slider.getAttribute('aria-disabled'), onseek.mock.calls]).toEqual(['true', []]);
  });
});
