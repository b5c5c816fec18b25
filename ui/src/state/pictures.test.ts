import { afterEach, describe, expect, it, vi } from 'vitest';
import { Draft } from './draft.svelte';
import { shrink } from './pictures';

/** A camera's picture, and a page that draws so many bytes for each thousand pixels. */
function page(width: number, height: number, bytes: number) {
  const drawn: [number, number][] = [];
  vi.spyOn(Image.prototype, 'decode').mockResolvedValue(undefined);
  vi.spyOn(Image.prototype, 'naturalWidth', 'get').mockReturnValue(width);
  vi.spyOn(Image.prototype, 'naturalHeight', 'get').mockReturnValue(height);
  const paint = { fillRect: () => undefined, drawImage: () => undefined };
  vi.spyOn(HTMLCanvasElement.prototype, 'getContext').mockReturnValue(paint as never);
  vi.spyOn(HTMLCanvasElement.prototype, 'toBlob').mockImplementation(function (
    this: HTMLCanvasElement,
    done,
    type = '',
  ) {
    drawn.push([this.width, this.height]);
    const size = Math.round(((this.width * this.height) / 1_000) * bytes);
    done(new Blob([new Uint8Array(size)], { type }));
  });
  const draft = new Draft('');
  const file = new File([new Uint8Array(9)], 'sink.png', { type: 'image/png' });
  draft.tooLarge = [file];
  const handed: Blob[] = [];
  const keep = (picture: Blob) => {
    handed.push(picture);
    const { size: bytes } = picture;
    return Promise.resolve({ sha256: 'f0', content_type: 'image/jpeg', bytes, large: false });
  };
  return { drawn, draft, handed, shrunk: () => shrink(draft, file, keep) };
}

describe('a picture that is too large', () => {
  afterEach(() => void vi.restoreAllMocks());

  it('is drawn smaller, step by step, until every carrier takes it', async () => {
    const { drawn, draft, handed, shrunk } = page(3_000, 4_000, 300);
    expect(await shrunk()).toBe(true);
    expect(drawn).toEqual([
      [1_536, 2_048],
      [1_200, 1_600],
    ]);
    expect([handed[0]?.type, draft.tooLarge, draft.attaching]).toEqual(['image/jpeg', [], 0]);
    expect(draft.pictures.map(({ bytes }) => bytes)).toEqual([576_000]);
  });

  it('is never drawn larger than it is', async () => {
    const { drawn, shrunk } = page(900, 600, 1_100);
    expect(await shrunk()).toBe(true);
    expect(drawn).toEqual([[900, 600]]);
  });

  it('is not attached where no copy is small enough', async () => {
    const { draft, handed, shrunk } = page(4_000, 4_000, 9_000);
    expect(await shrunk()).toBe(false);
    expect([handed, draft.pictures, draft.attaching]).toEqual([[], [], 0]);
  });
});
