import { afterEach, expect, it, vi } from 'vitest';
import { http } from './http';

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

it('hands a file to the browser under its name, only to be saved', async () => {
  vi.useFakeTimers();
  const asked: unknown[] = [];
  vi.stubGlobal('fetch', (path: string, { body }: { body: string }) => {
    asked.push([path, JSON.parse(body)]);
    const file = { name: 'Helen Okafor 2026-11-22 08.31.jpg', base64: btoa('leak') };
    return Promise.resolve(new Response(JSON.stringify(file)));
  });
  const held: Blob[] = [];
  const revoke = vi.fn();
  URL.createObjectURL = (file: Blob) => `blob:${held.push(file)}`;
  URL.revokeObjectURL = revoke;
  const clicked = vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(() => undefined);
  expect(await http().saveFile('a')).toBeNull();
  expect(asked).toEqual([['/api/attachment_file', { attachment: 'a' }]]);
  const { download, href } = clicked.mock.contexts[0] as HTMLAnchorElement;
  expect([download, href]).toEqual(['Helen Okafor 2026-11-22 08.31.jpg', 'blob:1']);
  expect(held.map(({ size, type }) => [size, type])).toEqual([[4, 'application/octet-stream']]);
  vi.runAllTimers();
  expect(revoke).toHaveBeenCalledWith('blob:1');
});
