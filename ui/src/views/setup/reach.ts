// What is tried before a number is pointed here, each with how it stands: pure, so that it can be tried.

import type { AddressNow, Backup, Health, LinesPlan } from '../../backend/generated/desk';
import { setup } from '../../words/setup';
import { isBackedUp } from './backup';
import { programOf } from './ways';

export type Sign = 'wait' | 'run' | 'pass' | 'fail';

export interface Row {
  id: 'signed_in' | 'path' | 'knock' | 'point' | 'backup';
  sign: Sign;
  title: string;
  text: string;
  /** How long it took, in words. */
  took: string | null;
}

/** What is known by now; null: not asked yet. */
export interface Known {
  health: Pick<Health, 'connected' | 'sign_in_refused'> | null;
  address: AddressNow | null;
  /** Somebody knocks just now. */
  knocking: boolean;
  plan: LinesPlan | null;
  backup: Backup | null;
}

const said = setup.reach;
const row = (id: Row['id'], sign: Sign, title: string, text: string, took: string | null = null): Row => ({
  id,
  sign,
  title,
  text,
  took,
});

function signedIn(health: Known['health']): Row {
  if (health === null) return row('signed_in', 'run', said.signingIn, '');
  if (health.sign_in_refused) return row('signed_in', 'fail', said.refused, said.refusedText);
  if (health.connected) return row('signed_in', 'pass', said.signedIn, said.signedInText);
  return row('signed_in', 'fail', said.notSignedIn, said.notSignedInText);
}

/** Why something did not work, and what to do, as the desk says it. */
const reason = ({ problem, hint }: AddressNow) => [problem, hint].filter(Boolean).join(' ') || said.unknown;

function path(address: AddressNow | null): Row {
  if (address === null) return row('path', 'wait', said.path, '');
  if (address.state === 'failed') return row('path', 'fail', said.pathFailed, reason(address));
  if (address.address !== null) return row('path', 'pass', said.pathOpen, said.pathOpenText);
  if (address.state === 'unset') return row('path', 'wait', said.path, said.pathText);
  return row('path', 'run', said.pathOpening, said.pathOpeningText);
}

/** Whether a program got us a name that not everybody may know yet. */
export const isNewName = ({ way, state, address }: AddressNow) =>
  state === 'opening' && address !== null && way !== 'unset' && programOf[way] !== null;

function knock(address: AddressNow | null, knocking: boolean): Row {
  if (address === null || address.address === null || address.state === 'failed')
    return row('knock', 'wait', said.knock, said.knockText);
  if (isNewName(address)) return row('knock', 'run', said.knocking, said.knownSoon);
  if (knocking) return row('knock', 'run', said.knocking, said.knockText);
  switch (address.state) {
    case 'open':
      return row(
        'knock',
        'pass',
        said.knocked,
        said.knockedText,
        address.knock_ms === null ? null : said.took(address.knock_ms),
      );
    case 'blocked':
      return row('knock', 'fail', said.notKnocked, reason(address));
    case 'unset':
    case 'opening':
      return row('knock', 'run', said.knocking, said.knockText);
  }
}

/** Whether every number posts here and nothing goes before it. */
export function isPointed(plan: LinesPlan | null): boolean {
  if (plan === null || plan.address === null || plan.numbers.length === 0) return false;
  return plan.numbers.every(({ changes, overrides }) => changes.length === 0 && overrides.length === 0);
}

/** The list, in order. */
export function rows({ health, address, knocking, plan, backup }: Known): Row[] {
  return [
    signedIn(health),
    path(address),
    knock(address, knocking),
    isPointed(plan)
      ? row('point', 'pass', said.pointed, said.pointedText)
      : row('point', 'wait', said.point, said.pointText),
    isBackedUp(backup)
      ? row('backup', 'pass', said.backup, backup?.said ?? '')
      : row('backup', 'wait', said.backup, said.backupText),
  ];
}

/** Whether to go on: calls find this computer. */
export const isReached = (address: AddressNow | null) => address?.state === 'open';
