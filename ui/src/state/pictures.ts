// Pictures between the page and the counter.

import type { Picture } from '../backend/generated/desk';
import type { Draft } from './draft.svelte';

/** A picture attached to a draft, and where the page can see it. */
export interface Attached extends Picture {
  preview: string;
}

/** Hands a picture over to be sent; undefined where it was refused, which it has said then. */
export type Keep = (picture: Blob) => Promise<Picture | undefined>;

/** Largest picture that is tried, in bytes. Twilio takes 5 MB. */
export const LARGEST = 5_000_000;
/** Above this many bytes some carriers refuse a picture. */
const CAREFUL = 600 * 1024;
/** Longest edges a smaller copy is tried with, in pixels. */
const EDGES = [2048, 1600, 1280, 1024, 800, 640];

/** Attaches files one after the other; those that are too large are kept to be asked about. */
export async function attach(draft: Draft, files: File[], keep: Keep): Promise<void> {
  // Not even read: no carrier takes them.
  draft.tooLarge = [...draft.tooLarge, ...files.filter(({ size }) => size > LARGEST)];
  const right = files.filter(({ size }) => size <= LARGEST);
  draft.attaching += right.length;
  for (const file of right) {
    await take(draft, file, keep);
    draft.attaching -= 1;
  }
}

/** Attaches a smaller copy of what is too large. Says whether there is one. */
export async function shrink(draft: Draft, file: File, keep: Keep): Promise<boolean> {
  draft.leave(file);
  draft.attaching += 1;
  const copy = await smaller(file);
  if (copy) await take(draft, copy, keep);
  draft.attaching -= 1;
  return copy !== null;
}

async function take(draft: Draft, file: Blob, keep: Keep): Promise<void> {
  const taken = await keep(file);
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
