import { describe, expect, it } from 'vitest';
import { Office } from '../state/office.svelte';
import { guideOf } from '../state/setup.svelte';
import { ahead } from './ahead';
import type { About, Backend, Command } from './backend';

/** A desk that counts what it is asked. */
function desk(stage: About['stage'], practice = false) {
  const asked: string[] = [];
  const answers: Partial<Record<Command, unknown>> = {
    conversations: { seq: 7, conversations: [], total: 0 },
    settings: { playback: {} },
    setup: { going: false, begun: false, steps: [] },
  };
  const backend = {
    about: () => {
      asked.push('about');
      return Promise.resolve({ stage, practice } as About);
    },
    call: (command: Command) => {
      asked.push(command);
      return Promise.resolve(answers[command] ?? {});
    },
    subscribe: (after: number) => {
      asked.push(`after ${after}`);
      return Promise.resolve();
    },
    player: { listen: () => () => undefined },
  } as unknown as Backend;
  return { backend, asked };
}

/** What is answered at once has arrived. */
const settled = () => new Promise((done) => setTimeout(done));
const first = ['about', 'conversations', 'lines', 'settings', 'health', 'setup'];

describe('asking ahead', () => {
  it('asks for all the window draws first, and the window asks for none of it again', async () => {
    const { backend, asked } = desk('open');
    const own = ahead(backend);
    await settled();
    expect(asked).toEqual(first);
    expect((await own.about()).stage).toBe('open');
    const office = new Office(own, false);
    await Promise.all([office.start(), guideOf(office).ask()]);
    expect(asked).toEqual([...first, 'after 7']);
    expect([office.list.loaded, office.settings !== null, guideOf(office).known]).toEqual([true, true, true]);
  });

  it('gives an answer once, and none that may be out of date', async () => {
    const { backend, asked } = desk('open');
    const own = ahead(backend);
    await settled();
    await own.call('lines', {});
    await own.call('lines', {});
    await own.subscribe(7, () => undefined);
    await own.call('health', {});
    await own.about();
    await own.about();
    expect(asked).toEqual([...first, 'lines', 'after 7', 'health', 'about']);
  });

  it('asks for nothing where no line is open, and for no setup of a practice line', async () => {
    const shut = desk('token');
    ahead(shut.backend);
    const practice = desk('open', true);
    ahead(practice.backend);
    await settled();
    expect(shut.asked).toEqual(['about']);
    expect(practice.asked).toEqual(first.filter((what) => what !== 'setup'));
  });

  it('says to whoever asks that there was no answer', async () => {
    const { backend } = desk('open');
    const own = ahead({ ...backend, call: () => Promise.reject(new Error('away')) });
    await settled();
    await expect(own.call('lines', {})).rejects.toThrow('away');
    const gone = ahead({ ...backend, about: () => Promise.reject(new Error('gone')) });
    await expect(gone.about()).rejects.toThrow('gone');
  });
});
