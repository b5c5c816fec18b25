import { describe, expect, it } from 'vitest';
import type { PublicAddress, TunnelProgram } from '../../backend/generated/desk';
import { begin, lacking, missing, patch, waysHere, type Typed } from './ways';

const program = (name: string, usable = true): TunnelProgram => ({
  program: name,
  version: '2026.1',
  usable,
});
const unset: PublicAddress = { way: 'unset', address: '', tunnel: '', follow: false };
const typed = (parts: Partial<Typed>): Typed => ({
  way: 'own',
  address: '',
  tunnel: '',
  follow: false,
  ...parts,
});

describe('the ways to this computer', () => {
  it('are those whose program is here, what stays before what passes', () => {
    expect(waysHere([])).toEqual(['own']);
    expect(waysHere([program('cloudflared')])).toEqual(['cloudflare_named', 'cloudflare_quick', 'own']);
    expect(waysHere([program('ngrok'), program('tailscale')])).toEqual(['tailscale', 'ngrok', 'own']);
    expect(waysHere([program('cloudflared', false)])).toEqual(['own']);
  });

  it('say which programs are lacking or too old', () => {
    expect(missing([program('tailscale'), program('ngrok', false)])).toEqual([
      { program: 'cloudflared', version: null },
      { program: 'ngrok', version: '2026.1' },
    ]);
  });

  it('begin with what needs nothing typed, and follow an address that passes', () => {
    expect(begin(unset, { programs: [] })).toMatchObject({ way: null, follow: false });
    expect(begin(unset, { programs: [program('cloudflared')] })).toMatchObject({
      way: 'cloudflare_quick',
      follow: true,
    });
    const both = [program('cloudflared'), program('tailscale')];
    expect(begin(unset, { programs: both })).toMatchObject({ way: 'tailscale', follow: false });
    const kept: PublicAddress = { way: 'own', address: 'https://a.example', tunnel: '', follow: true };
    expect(begin(kept, { programs: both })).toEqual(kept);
  });

  it('say what is lacking before anything is kept', () => {
    expect(lacking(typed({ address: 'http://phone.example.com' }))).toEqual(['own']);
    expect(lacking(typed({ address: ' https://phone.example.com/ ' }))).toEqual([]);
    expect(lacking(typed({ way: 'cloudflare_named' }))).toEqual(['tunnel', 'host']);
    const named = typed({ way: 'cloudflare_named', tunnel: 'desk', address: 'https://phone.example.com/' });
    expect(lacking(named)).toEqual([]);
    expect(lacking(typed({ way: 'cloudflare_quick' }))).toEqual([]);
  });

  it('become settings without what belongs to another way', () => {
    expect(
      patch(typed({ way: 'cloudflare_named', tunnel: ' desk ', address: 'https://Phone.Example.com/x' })),
    ).toEqual({
      way: 'cloudflare_named',
      address: 'phone.example.com',
      tunnel: 'desk',
      follow: false,
    });
    expect(patch(typed({ address: ' https://phone.example.com/ ', tunnel: 'desk' }))).toMatchObject({
      address: 'https://phone.example.com',
      tunnel: '',
    });
    expect(patch(typed({ way: 'cloudflare_quick', address: 'x', tunnel: 'y', follow: true }))).toEqual({
      way: 'cloudflare_quick',
      address: '',
      tunnel: '',
      follow: true,
    });
    expect(patch(typed({ way: 'ngrok', address: 'desk.ngrok.app' }))).toMatchObject({
      address: 'desk.ngrok.app',
    });
  });
});
