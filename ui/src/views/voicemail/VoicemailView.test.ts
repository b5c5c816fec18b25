import { cleanup, fireEvent, render, screen, within } from '@testing-library/svelte';
import { afterEach, describe, expect, it } from 'vitest';
import type { Backend, Command } from '../../backend/backend';
import { Office } from '../../state/office.svelte';
import VoicemailView from './VoicemailView.svelte';

afterEach(cleanup);

/** The view of an office in which nobody left a message. */
function shown() {
  const call = (command: Command) =>
    Promise.resolve(command === 'voicemails' ? [] : { total: 0, unheard: 0, waiting: 0 });
  const player = { listen: () => () => undefined };
  const office = new Office({ call, player } as unknown as Backend, false);
  const { container } = render(VoicemailView, { office, oncall: () => undefined, onopen: () => undefined });
  const inside = (id: string) => within(container.querySelector<HTMLElement>(`#${id}`) as HTMLElement);
  return { list: inside('voicemail'), pane: inside('voicemail-open') };
}

describe('the voicemail view', () => {
  it('says as a whole that nobody left a message', async () => {
    const { list, pane } = shown();
    await pane.findByText('No voicemail');
    pane.getByRole('button', { name: 'Choose what callers hear' });
    expect(list.queryByText('No voicemail')).toBeNull();
    expect(screen.getAllByRole('heading')).toHaveLength(1);
  });

  it('says in its list that there are none of a kind', async () => {
    const { list, pane } = shown();
    await pane.findByText('No voicemail');
    await fireEvent.click(list.getByRole('button', { name: 'Not heard' }));
    await list.findByText('You’ve heard everything');
    expect(pane.queryByText(/No voicemail|You’ve heard everything/)).toBeNull();
  });
});
