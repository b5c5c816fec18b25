// Links inside what people write.

export interface Piece {
  text: string;
  /** Where it leads, if it is a link. */
  url: URL | null;
}

const LINK = /\bhttps?:\/\/[^\s<>"'`\u2028\u2029]+/giu;
/** Signs that end a sentence rather than a link. */
const AFTER = /[.,;:!?)\]}’”…]+$/u;

/** Whether it is worth looking for links: most texts have none. */
export const mayHaveLinks = (body: string): boolean => body.includes('://');

/** Words and links in turn. */
export function pieces(body: string): Piece[] {
  const found: Piece[] = [];
  let done = 0;
  for (const match of body.matchAll(LINK)) {
    const text = match[0].replace(AFTER, '');
    if (!URL.canParse(text)) continue;
    if (match.index > done) found.push({ text: body.slice(done, match.index), url: null });
    found.push({ text, url: new URL(text) });
    done = match.index + text.length;
  }
  if (done < body.length) found.push({ text: body.slice(done), url: null });
  return found;
}

/** The host as it is on the wire: look-alike letters show as what they are. */
export function trueHost(url: URL): string {
  return url.host;
}
