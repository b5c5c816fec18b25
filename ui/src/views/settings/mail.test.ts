import { describe, expect, it } from 'vitest';
import type { Settings } from '../../backend/generated/desk';
import { isHere, portFor, portOf } from './mail';

describe('a mail server', () => {
  it('has a port', () => {
    expect(['465', '1', '65535', '0', '65536', '-1', '46 5', ''].map(portOf)).toEqual([
      465,
      1,
      65_535,
      null,
      null,
      null,
      null,
      null,
    ]);
  });

  it('has the usual port of its encryption, unless another was chosen', () => {
    const email = (security: Settings['email']['security'], port: number) =>
      ({ security, port }) as Settings['email'];
    expect(portFor('starttls', email('tls', 465))).toBe(587);
    expect(portFor('tls', email('none', 25))).toBe(465);
    expect(portFor('tls', email('starttls', 2525))).toBe(2525);
  });

  it('is this computer, or is not', () => {
    for (const host of [
      'localhost',
      'LOCALHOST',
      '127.0.0.1',
      '127.0.1.1',
      '::1',
      '[::1]',
      'mail.localhost',
    ]) {
      expect(isHere(host), host).toBe(true);
    }
    for (const host of ['', 'localhost.example.com', '127.example.com', '10.0.0.1', 'mylocalhost']) {
      expect(isHere(host), host).toBe(false);
    }
  });
});
