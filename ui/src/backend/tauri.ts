import { Channel, convertFileSrc, invoke } from '@tauri-apps/api/core';
import type { Backend } from './backend';
import type { Change } from './generated/desk';

/** The office in the same process. */
export function tauri(): Backend {
  const picture = (path: string) => convertFileSrc('', 'ringdesk-media') + path;
  return {
    about: () => invoke('about'),
    call: (command, request) => invoke('desk', { command, request }),
    subscribe: (after, told) => {
      const channel = new Channel<Change[]>(told);
      return invoke('subscribe', { after, channel });
    },
    picture,
    openLink: (url) => invoke('open_link', { url }),
    practice: {
      texts: (number) => invoke('practice_phone', { number }),
      text: (from, to, body, picture) =>
        invoke('practice_text', { from, to, body, picture: picture ?? null }),
      picture: (sid) => picture(`practice/${sid}`),
    },
    front: {
      practise: () => invoke('practise'),
      connect: (sid, token, passphrase) => invoke('connect', { sid, token, passphrase }),
      reopen: () => invoke('reopen'),
      unseal: (passphrase) => invoke('unseal', { passphrase }),
      leave: (again) => invoke('leave', { again }),
    },
  };
}
