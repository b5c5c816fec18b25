import { Channel, convertFileSrc, invoke } from '@tauri-apps/api/core';
import type { Backend, Call } from './backend';
import type { Change } from './generated/desk';

/** Whether the page is in the program's own window. */
export const inProgram = '__TAURI_INTERNALS__' in window;

/** The office in the same process. */
export function tauri(): Backend {
  const picture = (path: string) => convertFileSrc('', 'ringdesk-media') + path;
  return {
    about: () => invoke('about'),
    call: (command, request) => invoke('desk', { command, request }),
    subscribe: (after, told) => invoke('subscribe', { after, channel: new Channel<Change[]>(told) }),
    picture: (attachment) => Promise.resolve(picture(attachment)),
    openLink: (url) => invoke('open_link', { url }),
    admit: null,
    desktop: {
      practice: {
        texts: (number) => invoke('practice_phone', { number }),
        text: (from, to, body, picture) =>
          invoke('practice_text', { from, to, body, picture: picture ?? null }),
        call: (from, to, message) => invoke('practice_call', { from, to, message }),
        picture: (sid) => picture(`practice/${sid}`),
      },
      front: {
        practise: () => invoke('practise'),
        connect: (sid, token, passphrase) => invoke('connect', { sid, token, passphrase }),
        reopen: () => invoke('reopen'),
        unseal: (passphrase) => invoke('unseal', { passphrase }),
        leave: (again) => invoke('leave', { again }),
      },
      listen: (called) => invoke('listen', { channel: new Channel<Call>(called) }),
      inView: (conversation) => invoke('in_view', { conversation }),
      closingAsked: () => invoke('closing_asked'),
      closeWindow: (keep) => invoke('close_window', { keep }),
      startsItself: () => invoke('starts_itself'),
      startItself: (on) => invoke('start_itself', { on }),
    },
  };
}
