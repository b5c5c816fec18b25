import { afterEach, describe, expect, it, vi } from 'vitest';
import { Draft } from './draft.svelte';
import { attach, LARGEST, MOST, pictureType, shrink, type Chosen } from './pictures';

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
    expect(await shrunk()).toBeNull();
    expect(drawn).toEqual([
      [1_536, 2_048],
      [1_200, 1_600],
    ]);
    expect([handed[0]?.type, draft.tooLarge, draft.attaching]).toEqual(['image/jpeg', [], 0]);
    expect(draft.pictures.map(({ bytes }) => bytes)).toEqual([576_000]);
  });

  it('is never drawn larger than it is', async () => {
    const { drawn, shrunk } = page(900, 600, 1_100);
    expect(await shrunk()).toBeNull();
    expect(drawn).toEqual([[900, 600]]);
  });

  it('is not attached where no copy is small enough', async () => {
    const { draft, handed, shrunk } = page(4_000, 4_000, 9_000);
    expect(await shrunk()).toBe('no_copy');
    expect([handed, draft.pictures, draft.attaching]).toEqual([[], [], 0]);
  });

  it('is not attached where the text has as much as it takes', async () => {
    const { draft, handed, shrunk } = page(900, 600, 1_100);
    draft.pictures = [{ ...kept(LARGEST - 500_000), preview: '' }];
    expect(await shrunk()).toBe('heavy');
    draft.pictures = Array.from({ length: MOST }, () => ({ ...kept(9), preview: '' }));
    expect(await shrunk()).toBe('many');
    expect([handed, draft.attaching]).toEqual([[], 0]);
  });

  it('counts what is still being handed over', async () => {
    const { draft, handed, shrunk } = page(900, 600, 1_100);
    const others = [new File([new Uint8Array(LARGEST - 500_000)], '')];
    let taken: () => void = () => undefined;
    const waits = new Promise<void>((done) => (taken = done));
    const going = attach(draft, others, ({ size }) => waits.then(() => kept(size)));
    expect(await shrunk()).toBe('heavy');
    taken();
    expect([await going, handed, draft.pictures.length, draft.coming]).toEqual([null, [], 1, 0]);
  });
});

const kept = (bytes: number) => ({ sha256: 'f0', content_type: 'image/jpeg', bytes, large: false });
/** A text to which files of these sizes are attached, each read only when it is its turn. */
function chosen(...sizes: number[]) {
  const draft = new Draft('');
  const steps: string[] = [];
  const files: Chosen[] = sizes.map((size, at) => () => {
    steps.push(`read ${at}`);
    return Promise.resolve(new File([new Uint8Array(size)], ''));
  });
  const keep = async (picture: Blob) => {
    await Promise.resolve();
    steps.push(`kept ${draft.pictures.length}`);
    return kept(picture.size);
  };
  return { draft, steps, attached: () => attach(draft, files, keep) };
}

describe('many files', () => {
  it('are read one after the other', async () => {
    const { draft, steps, attached } = chosen(9, 9);
    const going = attached();
    expect(draft.attaching).toBe(2);
    expect(await going).toBeNull();
    expect(steps).toEqual(['read 0', 'kept 0', 'read 1', 'kept 1']);
    expect([draft.pictures.length, draft.attaching]).toEqual([2, 0]);
  });

  it('beyond what a text takes are not even read, and counted', async () => {
    const { draft, steps, attached } = chosen(...Array<number>(500).fill(9));
    draft.pictures = [{ ...kept(9), preview: '' }];
    draft.tooLarge = [new File([], '')];
    expect(await attached()).toEqual({ left: 492, why: 'many' });
    expect([draft.pictures.length, draft.attaching]).toEqual([9, 0]);
    expect(steps.filter((step) => step.startsWith('read'))).toHaveLength(8);
    draft.tooLarge = [];
    expect(await attached()).toEqual({ left: 499, why: 'many' });
    expect(await attached()).toEqual({ left: 500, why: 'many' });
    expect([draft.pictures.length, draft.attaching]).toEqual([MOST, 0]);
  });

  it('are left out where they make them too large together, and those after them are not', async () => {
    const { draft, attached } = chosen(3_000_000, 1_000_000, 2_000_000, 9);
    expect(await attached()).toEqual({ left: 1, why: 'heavy' });
    expect(draft.pictures.map(({ bytes }) => bytes)).toEqual([3_000_000, 1_000_000, 9]);
    expect([draft.tooLarge, draft.attaching]).toEqual([[], 0]);
  });

  it('that are too large together are asked about where a smaller copy can be sent', async () => {
    const draft = new Draft('');
    const photo = (size: number, type = 'image/jpeg') => new File([new Uint8Array(size)], '', { type });
    const keep = (picture: Blob) => Promise.resolve(kept(picture.size));
    const [first, second, last] = [photo(3_000_000), photo(3_000_000), photo(9)];
    expect(await attach(draft, [first, second, last], keep)).toBeNull();
    expect(draft.pictures.map(({ bytes }) => bytes)).toEqual([3_000_000, 9]);
    expect(draft.tooLarge).toEqual([second]);
    // One would stand still, the other is as small as a copy.
    draft.pictures = [{ ...kept(4_900_000), preview: '' }];
    const others = [photo(3_000_000, 'image/gif'), photo(500_000)];
    expect(await attach(draft, others, keep)).toEqual({ left: 2, why: 'heavy' });
    expect([draft.tooLarge, draft.attaching]).toEqual([[second], 0]);
  });

  it('that come one upon the other are as large together as those that come at once', async () => {
    const { draft, attached } = chosen(3_000_000);
    expect(await Promise.all([attached(), attached()])).toEqual([null, { left: 1, why: 'heavy' }]);
    expect(draft.pictures.map(({ bytes }) => bytes)).toEqual([3_000_000]);
    expect([draft.coming, draft.attaching]).toEqual([0, 0]);
  });

  it('that are too large each are asked about, and those that cannot be read are left out', async () => {
    const { draft, attached } = chosen(LARGEST + 1, 9);
    expect(await attached()).toBeNull();
    expect([draft.tooLarge.length, draft.pictures.length]).toEqual([1, 1]);
    const lost = () => Promise.resolve(undefined);
    expect(await attach(draft, [lost, lost], () => Promise.reject(new Error('none was read')))).toBeNull();
    expect([draft.pictures.length, draft.attaching]).toEqual([1, 0]);
  });
});

it('knows a picture by how it begins', async () => {
  const type = (...bytes: number[]) => pictureType(new Blob([new Uint8Array(bytes)]));
  expect(await type(0xff, 0xd8, 0xff, 0xe0)).toBe('image/jpeg');
  expect(await type(0x89, 0x50, 0x4e, 0x47, 0x0d)).toBe('image/png');
  expect(await type(0x47, 0x49, 0x46, 0x38)).toBe('image/gif');
  expect(await type(0x25, 0x50, 0x44, 0x46)).toBe('');
  expect(await type(0xff)).toBe('');
});
