// The sleep backup: what a press can do about it, as it is.

import type { Backend } from '../../backend/backend';
import type { Backup } from '../../backend/generated/desk';
import { setup } from '../../words/setup';

/** Whether it is a TwiML Bin, which only the owner can change. */
export const isBin = ({ url }: Pick<Backup, 'url'>) => url?.includes('/twiml/') ?? false;

/** Whether the owner has to go through the steps by hand. */
export const isByHand = (backup: Pick<Backup, 'state' | 'url'>) =>
  backup.state === 'by_hand' || (backup.state === 'old' && isBin(backup));

/** Whether it answers as it should, heard or not. */
export const isBackedUp = (backup: Pick<Backup, 'state'> | null) =>
  backup !== null && (backup.state === 'ready' || backup.state === 'unheard');

/** What a press does about it, in words; null where it does nothing. */
export function press(backup: Pick<Backup, 'state' | 'url'>): string | null {
  const said = setup.backup;
  switch (backup.state) {
    case 'off':
    case 'missing':
      return said.make;
    case 'old':
      return isBin(backup) ? null : said.renew;
    case 'unused':
      return said.use;
    case 'by_hand':
      return said.retry;
    case 'unheard':
    case 'ready':
      return null;
  }
}

/** Does it: makes it, brings it up to date, or has the lines use it. */
export function pressed(backend: Backend, { url, state }: Backup): Promise<Backup> {
  // A bin that is only unused is not made anew.
  if (state === 'unused' && url !== null && isBin({ url })) return backend.call('backup_bin', { url });
  return backend.call('make_backup', {});
}
