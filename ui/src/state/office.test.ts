import { describe, expect, it, vi } from 'vitest';
import type { Backend, Command } from '../backend/backend';
import type { Voicemail } from '../backend/generated/desk';
import { Office } from './office.svelte';

/** An office with three voicemails, one of which plays, and what it is asked to do. */
async function office() {
  const did: string[] = [];
  let all = ['helen', 'marcus', 'dale'].map((id, n) => {
    return { id, at: -n, name: id, kind: 'number', with: '', position_ms: 0, length_ms: 9_000 } as Voicemail;
  });
  const removed: Voicemail[] = [];
  const answers: Partial<Record<Command, (request: never) => unknown>> = {
    voicemails: () => all,
    voicemail_counts: () => ({ total: all.length, unheard: 0, waiting: 0 }),
    remove_voicemail: ({ voicemail, removed: gone }: { voicemail: string; removed: boolean }) => {
      did.push(gone ? `remove ${voicemail}` : `bring back ${voicemail}`);
      if (gone) removed.push(...all.filter(({ id }) => id === voicemail));
      all = gone ? all.filter(({ id }) => id !== voicemail) : [...removed, ...all];
    },
  };
  const backend = {
    call: (command: Command, request: never) => Promise.resolve(answers[command]?.(request) ?? {}),
    player: {
      listen: () => () => undefined,
      play: (what: string) => Promise.resolve(did.push(`play ${what}`)),
      stop: () => Promise.resolve(did.push('stop')),
      saveCopy: () => Promise.resolve('/home/nora/Downloads/helen.wav'),
    },
  } as unknown as Backend;
  const made = new Office(backend, false);
  await made.voicemails.choose('all');
  await made.voicemails.show('helen');
  return { did, office: made, helen: all[0] as Voicemail };
}

describe('a voicemail', () => {
  it('is silenced and deleted, the next one opens, and it can be brought back', async () => {
    const { did, office: desk, helen } = await office();
    await desk.player.play(helen);
    await desk.removeVoicemail(helen);
    expect(did).toEqual(['play helen', 'stop', 'remove helen']);
    expect([desk.voicemails.openId, desk.voicemails.rows.length]).toEqual(['marcus', 2]);
    expect(desk.undoable?.said).toBe('Voicemail from helen deleted.');
    await desk.undo();
    expect([desk.voicemails.openId, desk.voicemails.rows.length]).toEqual(['helen', 3]);
  });

  it('is copied, and it is said where', async () => {
    const { office: desk, helen } = await office();
    await desk.saveCopy(helen);
    expect(desk.undoable).toEqual({ said: 'Saved as /home/nora/Downloads/helen.wav', undo: null });
    await desk.undo();
    expect(desk.undoable).toBeNull();
  });
});

describe('a text that is begun', () => {
  it('goes below what was begun before, and comes once', async () => {
    const { office: desk } = await office();
    desk.draft('helen').body = 'Hi Helen,';
    desk.begin('helen', 'Monday works.');
    desk.begin('helen', 'Monday works.');
    expect(desk.draft('helen').body).toBe('Hi Helen,\nMonday works.');
  });
});

describe('a conversation that is deleted elsewhere', () => {
  it('is shown no longer, and nothing is said to be out of reach', async () => {
    let deleted = false;
    const gone = { code: 'not_found', message: 'That is no longer here.', hint: 'Refresh and try again.' };
    const answers: Partial<Record<Command, () => unknown>> = {
      conversations: () => ({ seq: 1, conversations: [], total: 0 }),
      conversation: () =>
        deleted
          ? Promise.reject(gone as unknown as Error)
          : { seq: 1, conversation: { id: 'a' }, timeline: [] },
      settings: () => ({ playback: {} }),
    };
    const backend = {
      call: async (command: Command) => answers[command]?.() ?? {},
      player: { listen: () => () => undefined },
    } as unknown as Backend;
    const desk = new Office(backend, false);
    await desk.show('a');
    expect(desk.open?.conversation.id).toBe('a');
    deleted = true;
    desk.refresh();
    await vi.waitFor(() => expect(desk.openId).toBeNull());
    expect([desk.open, desk.away, desk.notice]).toEqual([null, false, null]);
    // Who asks for it anew is told.
    await desk.show('a');
    expect(desk.notice?.text).toBe('That is no longer here.');
  });
});
