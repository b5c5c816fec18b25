// What is known of mail servers without asking one.

import type { Settings } from '../../backend/generated/desk';

type Email = Settings['email'];
type Security = Email['security'];

/** The port each kind of encryption usually has. */
const USUAL: Record<Security, number> = { tls: 465, starttls: 587, none: 25 };

/** A port out of what somebody typed; null: it is none. */
export function portOf(typed: string): number | null {
  const port = /^\d{1,5}$/.test(typed) ? Number(typed) : 0;
  return port >= 1 && port <= 65_535 ? port : null;
}

/** The port that goes with another encryption; one of somebody's own choice stays. */
export function portFor(security: Security, { port, security: before }: Email): number {
  return port === USUAL[before] ? USUAL[security] : port;
}

/** Whether a server is this computer. */
export function isHere(host: string): boolean {
  const name = host.trim().toLowerCase();
  return /^(localhost\.?|(.+\.)localhost\.?|127(\.\d{1,3}){3}|\[?::1\]?)$/.test(name);
}
