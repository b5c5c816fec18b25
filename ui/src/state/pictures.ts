// Pictures between the page and the counter.

import type { Picture } from '../backend/generated/desk';

/** A picture attached to a draft, and where the page can see it. */
export interface Attached extends Picture {
  preview: string;
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
