// Pictures between the page and the counter.

import type { Picture } from '../backend/generated/desk';
import type { Draft } from './draft.svelte';

/** A picture attached to a draft, and where the page can see it. */
export interface Attached extends Picture {
  preview: string;
}

/** Hands a picture over to be sent; undefined where it was refused, which it has said then. */
export type Keep = (picture: Blob) => Promise<Picture | undefined>;

/** A file that was chosen, or one that is read only when it is its turn; undefined where it cannot be. */
export type Chosen = File | (() => Promise<File | undefined>);

/** Why pictures do not fit into a text: there are too many, or they are too large together. */
export type Full = 'many' | 'heavy';

/** Largest picture that is tried, in bytes, and most bytes of all pictures of a text. Twilio takes 5 MB. */
export const LARGEST = 5_000_000;
/** Pictures in one text, at most. */
export const MOST = 10;
/** Above this many bytes some carriers refuse a picture. */
const CAREFUL = 600 * 1024;
/** Longest edges a smaller copy is tried with, in pixels. */
const EDGES = [2048, 1600, 1280, 1024, 800, 640];

/**
 * Attaches files one after the other, where they fit into one text; those a smaller copy may be sent of are kept to
 * be asked about. Says how many were left out, and why.
 */
export async function attach(
  draft: Draft,
  files: Chosen[],
  keep: Keep,
): Promise<{ left: number; why: Full } | null> {
  const room = MOST - draft.pictures.length - draft.attaching - draft.tooLarge.length;
  const tried = files.slice(0, Math.max(0, room));
  draft.attaching += tried.length;
  const beyond = files.length - tried.length;
  let rest: { left: number; why: Full } | null = beyond > 0 ? { left: beyond, why: 'many' } : null;
  for (const chosen of tried) {
    const file = typeof chosen === 'function' ? await chosen() : chosen;
    const why = file ? full(draft, file) : null;
    // Not handed over: no carrier takes it by itself, or none together with the others.
    if (file && (file.size > LARGEST || (why === 'heavy' && isShrinkable(file)))) {
      draft.tooLarge = [...draft.tooLarge, file];
    } else if (why) rest = { left: (rest?.left ?? 0) + 1, why: rest?.why ?? why };
    else if (file) await take(draft, file, keep);
    draft.attaching -= 1;
  }
  return rest;
}

/** Whether a smaller copy is worth a question: one that shows as much as the picture does. */
const isShrinkable = ({ type, size }: File): boolean =>
  type.startsWith('image/') && type !== 'image/gif' && size > CAREFUL;

/** Attaches a smaller copy of what is too large. Says why not, where it is not. */
export async function shrink(draft: Draft, file: File, keep: Keep): Promise<Full | 'no_copy' | null> {
  draft.leave(file);
  draft.attaching += 1;
  const copy = await smaller(file);
  const why = copy ? full(draft, copy) : 'no_copy';
  if (copy && !why) await take(draft, copy, keep);
  draft.attaching -= 1;
  return why;
}

/** Why what is attached does not fit into one text, with one more where one is named; null where it does. */
export function full({ pictures, coming }: Draft, file?: Blob): Full | null {
  if (pictures.length + (file ? 1 : 0) > MOST) return 'many';
  const together = pictures.reduce((sum, { bytes }) => sum + bytes, coming + (file?.size ?? 0));
  return together > LARGEST ? 'heavy' : null;
}

/** What begins each kind of picture that can be sent. */
const BEGINNINGS: [type: string, bytes: number[]][] = [
  ['image/jpeg', [0xff, 0xd8, 0xff]],
  ['image/png', [0x89, 0x50, 0x4e, 0x47]],
  ['image/gif', [0x47, 0x49, 0x46, 0x38]],
];
/** What picture a file is that comes without its type; empty where it is none. */
export async function pictureType(file: Blob): Promise<string> {
  const head = new Uint8Array(await file.slice(0, 4).arrayBuffer());
  const found = BEGINNINGS.find(([, bytes]) => bytes.every((byte, at) => head[at] === byte));
  return found?.[0] ?? '';
}

async function take(draft: Draft, file: Blob, keep: Keep): Promise<void> {
  draft.coming += file.size;
  const taken = await keep(file);
  draft.coming -= file.size;
  if (taken) draft.pictures = [...draft.pictures, { ...taken, preview: previewOf(file) }];
}

/** A file's bytes in Base64. */
export async function base64(file: Blob): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = '';
  // In pieces, because a call takes only so many arguments.
  for (let at = 0; at < bytes.length; at += 0x8000) {
    text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  }
  return btoa(text);
}

/** An address under which the page can show a chosen file; to be revoked when it is gone. */
export function previewOf(file: Blob): string {
  return URL.createObjectURL(file);
}

/**
 * A copy of a picture as a JPEG so small that every carrier takes it; null where there is none. It lies as the
 * picture is seen, whichever way the camera was held: the page draws it turned.
 */
export async function smaller(file: Blob): Promise<Blob | null> {
  const picture = new Image();
  picture.src = previewOf(file);
  try {
    await picture.decode();
    const longest = Math.max(picture.naturalWidth, picture.naturalHeight);
    for (const edge of EDGES) {
      const copy = await jpeg(picture, Math.min(1, edge / longest));
      if (copy && copy.size <= CAREFUL) return copy;
    }
    return null;
  } catch {
    // No picture, or none this page can read.
    return null;
  } finally {
    URL.revokeObjectURL(picture.src);
  }
}

function jpeg(picture: HTMLImageElement, scale: number): Promise<Blob | null> {
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(picture.naturalWidth * scale));
  canvas.height = Math.max(1, Math.round(picture.naturalHeight * scale));
  const paint = canvas.getContext('2d');
  if (!paint) return Promise.resolve(null);
  // What nothing is drawn on would be black.
  paint.fillStyle = '#fff';
  paint.fillRect(0, 0, canvas.width, canvas.height);
  paint.drawImage(picture, 0, 0, canvas.width, canvas.height);
  return new Promise((done) => canvas.toBlob(done, 'image/jpeg', 0.85));
}

/** A drawing of a leaking pipe, for the practice phone: a real PNG, made on the spot. */
export async function leakingPipe(): Promise<string> {
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [480, 320];
  const paint = canvas.getContext('2d');
  if (!paint) throw new Error('no canvas');
  const wall = paint.createLinearGradient(0, 0, 480, 320);
  wall.addColorStop(0, '#c9a877');
  wall.addColorStop(1, '#3d3023');
  paint.fillStyle = wall;
  paint.fillRect(0, 0, 480, 320);
  paint.lineCap = 'round';
  paint.lineJoin = 'round';
  const pipe = (width: number, stroke: string) => {
    paint.lineWidth = width;
    paint.strokeStyle = stroke;
    paint.beginPath();
    paint.moveTo(250, 0);
    paint.lineTo(250, 130);
    paint.arc(285, 130, 35, Math.PI, 0, true);
    paint.lineTo(320, 100);
    paint.lineTo(480, 100);
    paint.stroke();
  };
  pipe(46, '#77797a');
  pipe(34, '#b9bcbd');
  pipe(10, '#e8eaea');
  paint.fillStyle = '#dfe8ec';
  paint.beginPath();
  paint.ellipse(285, 212, 6, 12, 0, 0, 2 * Math.PI);
  paint.fill();
  paint.fillStyle = '#2d6c86';
  paint.beginPath();
  paint.moveTo(215, 250);
  paint.lineTo(355, 250);
  paint.lineTo(338, 320);
  paint.lineTo(232, 320);
  paint.fill();
  paint.fillStyle = '#7fb4c9';
  paint.beginPath();
  paint.ellipse(285, 250, 70, 12, 0, 0, 2 * Math.PI);
  paint.fill();
  const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, 'image/png'));
  if (!blob) throw new Error('no picture');
  return base64(blob);
}
