import { Channel, convertFileSrc, invoke } from '@tauri-apps/api/core';
import type { Backend, Call } from './backend';
import type { Change } from './generated/desk';
import type { Player, Playing } from './player';

/** Whether the page is in the program's own window. */
export const inProgram = '__TAURI_INTERNALS__' in window;

/** Who hears the player, and what it said last. The host tells one listener. */
const takers = new Set<(playing: Playing) => void>();
let last: Playing | null = null;
function follow(): void {
  const channel = new Channel<Playing>((playing) => {
    last = playing;
    for (const take of takers) take(playing);
  });
  // Nothing plays where nobody can be told of it.
  invoke('player_listen', { channel }).catch(() => undefined);
}

/** The host plays and records: the page's own engine has no sound. */
const player: Player = {
  listen(take) {
    takers.add(take);
    if (last) take(last);
    else if (takers.size === 1) follow();
    return () => void takers.delete(take);
  },
  play: (what, atMs, speed) => invoke('play', { what, atMs, speed }),
  pause: () => invoke('player', { act: 'pause' }),
  resume: () => invoke('player', { act: 'resume' }),
  seek: (value) => invoke('player', { act: 'seek', value }),
  speed: (value) => invoke('player', { act: 'speed', value }),
  stop: () => invoke('player', { act: 'stop' }),
  outputs: () => invoke('outputs'),
  saveCopy: (voicemail) => invoke('save_copy', { voicemail }),
  record: (on) => invoke('record', { on }),
  recordLevel: () => invoke('record_level'),
  mailPassword: (password) => invoke('mail_password', { password }),
  mailPasswordKnown: () => invoke('mail_password_known'),
};

/** The office in the same process. */
export function tauri(): Backend {
  const picture = (path: string) => convertFileSrc('', 'ringdesk-media') + path;
  return {
    about: () => invoke('about'),
    call: (command, request) => invoke('desk', { command, request }),
    subscribe: (after, told) => invoke('subscribe', { after, channel: new Channel<Change[]>(told) }),
    picture: (attachment) => Promise.resolve(picture(attachment)),
    saveFile: (attachment) => invoke('save_file', { attachment }),
    openLink: (url) => invoke('open_link', { url }),
    player,
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
        connect: (sid, token, passphrase, key) => invoke('connect', { sid, token, passphrase, key }),
        reopen: () => invoke('reopen'),
        unseal: (passphrase) => invoke('unseal', { passphrase }),
        leave: (again) => invoke('leave', { again }),
        disconnect: () => invoke('disconnect'),
        backupsFound: (folder) => invoke('backups_found', { folder: folder ?? null }),
        restore: (name, code, folder) => invoke('restore', { name, code, folder: folder ?? null }),
      },
      listen: (called) => invoke('listen', { channel: new Channel<Call>(called) }),
      inView: (conversation) => invoke('in_view', { conversation }),
      dropped: async (place) => new Blob([await invoke<ArrayBuffer>('dropped', { place })]),
      closingAsked: () => invoke('closing_asked'),
      closeWindow: (keep) => invoke('close_window', { keep }),
      inTray: () => invoke('in_tray'),
      startsItself: () => invoke('starts_itself'),
      startItself: (on) => invoke('start_itself', { on }),
      token: () => invoke('token'),
      rotateToken: (act, passphrase) => invoke('rotate_token', { act, passphrase }),
    },
  };
}
