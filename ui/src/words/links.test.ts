import { describe, expect, it } from 'vitest';
import { pieces, trueHost } from './links';

const links = (body: string) => pieces(body).flatMap(({ url }) => (url ? [url.href] : []));

describe('links', () => {
  it('are found without the signs of the sentence', () => {
    expect(links('See https://a.example/x. And (http://b.example/y?z=1)!')).toEqual([
      'https://a.example/x',
      'http://b.example/y?z=1',
    ]);
    expect(pieces('no link here')).toEqual([{ text: 'no link here', url: null }]);
  });

  it('lose nothing of the words', () => {
    const body = 'a https://x.example/ b\nhttps://y.example c';
    expect(
      pieces(body)
        .map(({ text }) => text)
        .join(''),
    ).toBe(body);
  });

  it('never run anything', () => {
    expect(links('javascript:alert(1) data:text/html,x file:///etc/passwd')).toEqual([]);
  });

  it('show the true host', () => {
    const host = (body: string) => pieces(body).flatMap(({ url }) => (url ? [trueHost(url)] : []));
    expect(host('https://your.bank@evil.example/login')).toEqual(['evil.example']);
    expect(host('https://аpple.example/')).toEqual(['xn--pple-43d.example']);
  });
});
