// The ways from Twilio to this computer: which can be had here, which comes first, and what each needs.

import type { AddressNow, PublicAddress, TunnelProgram, Way } from '../../backend/generated/desk';

export type Chosen = Exclude<Way, 'unset'>;

/** What opens a way; none where the owner runs it. */
export const programOf: Record<Chosen, string | null> = {
  cloudflare_named: 'cloudflared',
  tailscale: 'tailscale',
  ngrok: 'ngrok',
  cloudflare_quick: 'cloudflared',
  own: null,
};

/** The best first: what stays before what passes. */
const ranking: Chosen[] = ['cloudflare_named', 'tailscale', 'ngrok', 'cloudflare_quick', 'own'];
/** What can be had without typing anything, the best first. */
const easy: Chosen[] = ['tailscale', 'ngrok', 'cloudflare_quick'];

/** Whether the program of a way is here and new enough. */
export function isHere(way: Chosen, programs: TunnelProgram[]): boolean {
  const program = programOf[way];
  return program === null || programs.some((one) => one.program === program && one.usable);
}

/** The ways that can be had on this computer. */
export const waysHere = (programs: TunnelProgram[]): Chosen[] =>
  ranking.filter((way) => isHere(way, programs));

/** Programs that would open a way and are not here, or too old. */
export function missing(programs: TunnelProgram[]): { program: string; version: string | null }[] {
  const all = new Set(ranking.flatMap((way) => programOf[way] ?? []));
  return [...all]
    .map(
      (program) =>
        programs.find((one) => one.program === program) ?? { program, version: null, usable: false },
    )
    .filter(({ usable }) => !usable)
    .map(({ program, version }) => ({ program, version }));
}

/** What is typed about a way, as it was typed. */
export interface Typed {
  way: Chosen | null;
  address: string;
  tunnel: string;
  follow: boolean;
}

/** What to begin with: what is set; else what needs nothing typed. */
export function begin(kept: PublicAddress, { programs }: Pick<AddressNow, 'programs'>): Typed {
  const { address, tunnel, follow } = kept;
  if (kept.way !== 'unset') return { way: kept.way, address, tunnel, follow };
  const way = easy.find((one) => isHere(one, programs)) ?? null;
  return { way, address, tunnel, follow: follow || way === 'cloudflare_quick' };
}

/** A host name out of what was typed or pasted. */
const host = (typed: string) =>
  typed
    .trim()
    .replace(/^https?:\/\//i, '')
    .replace(/\/.*$/, '')
    .toLowerCase();

const NAME = /^[a-z0-9-]+(\.[a-z0-9-]+)+$/;

/** Which fields of a way are not as they must be. */
export function lacking({ way, address, tunnel }: Typed): ('own' | 'host' | 'tunnel')[] {
  if (way === 'own') return /^https:\/\/[^\s/]+/i.test(address.trim()) ? [] : ['own'];
  if (way !== 'cloudflare_named') return [];
  return [
    ...(tunnel.trim() === '' ? (['tunnel'] as const) : []),
    ...(NAME.test(host(address)) ? [] : (['host'] as const)),
  ];
}

/** The settings for what was typed. */
export function patch({ way, address, tunnel, follow }: Typed): PublicAddress {
  return {
    way: way ?? 'unset',
    address:
      way === 'own'
        ? address.trim().replace(/\/+$/, '')
        : way === 'cloudflare_named' || way === 'ngrok'
          ? host(address)
          : '',
    tunnel: way === 'cloudflare_named' ? tunnel.trim() : '',
    follow,
  };
}
