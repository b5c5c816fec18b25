import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { afterEach, describe, expect, it } from 'vitest';
import type { Backend, Command } from '../../backend/backend';
import type { Colleague, Conversation } from '../../backend/generated/desk';
import { Office } from '../../state/office.svelte';
import { theirs } from './colleagues';
import People from './People.svelte';

const nora = { id: 'n', name: 'Nora Bell' };
const sam = { id: 's', name: 'Sam Ortiz' };

/** So many conversations that are Sam's, among others. */
const conversations = (count: number) => [
  { id: 'other', assigned: nora } as Conversation,
  { id: 'nobodys', assigned: null } as Conversation,
  ...Array.from({ length: count }, (_, n) => ({ id: `s${n}`, assigned: sam }) as Conversation),
];

/** The desk's answers, by name: what works here, and who sees to what. */
function desk(known: Colleague[], open: Conversation[] = [], done: Conversation[] = []) {
  const asked: [Command, unknown][] = [];
  const list = ({ filter, from, limit }: { filter: string; from: number; limit: number }) => {
    const rows = filter === 'done' ? done : open;
    return { seq: 1, conversations: rows.slice(from, from + limit), total: rows.length };
  };
  const answers: Partial<Record<Command, (request: never) => unknown>> = {
    conversations: list,
    colleagues: () => known.toSorted((a, b) => a.name.localeCompare(b.name)),
    add_colleague: ({ name }: Colleague) => {
      known.push({ id: name, name });
      return known.at(-1);
    },
    rename_colleague: ({ id, name }: Colleague) => {
      const taken = known.find((one) => one.id !== id && one.name === name);
      if (taken)
        throw {
          code: 'colleague_known',
          message: `${name} is already in the list.`,
          hint: 'Add an initial.',
        };
      known.splice(
        known.findIndex((one) => one.id === id),
        1,
        { id, name },
      );
      return { id, name };
    },
    remove_colleague: ({ id }: Colleague) => {
      known.splice(
        known.findIndex((one) => one.id === id),
        1,
      );
      return { conversations: [...open, ...done].filter(({ assigned }) => assigned?.id === id).length };
    },
  };
  const backend = {
    call: async (command: Command, request: never) => {
      asked.push([command, request]);
      await Promise.resolve();
      return answers[command]?.(request);
    },
    player: { listen: () => () => undefined },
  } as unknown as Backend;
  return { asked, backend };
}

async function shown(known: Colleague[], open: Conversation[] = [], done: Conversation[] = []) {
  const { asked, backend } = desk(known, open, done);
  const office = new Office(backend, false);
  render(People, { office });
  await screen.findByRole('button', { name: 'Add a person' });
  const acts = () => asked.filter(([command]) => command.endsWith('_colleague'));
  return { office, acts };
}
const names = () => screen.getAllByRole<HTMLInputElement>('textbox').map(({ value }) => value);
const press = (name: string) => fireEvent.click(screen.getByRole('button', { name }));
async function types(label: string, value: string) {
  const field = screen.getByLabelText(label);
  await fireEvent.input(field, { target: { value } });
  await fireEvent.change(field);
}

describe('people here', () => {
  afterEach(cleanup);

  it('are added by name', async () => {
    const { office, acts } = await shown([]);
    expect(screen.getByText(/^Nobody yet/)).toBeTruthy();
    await press('Add a person');
    expect(document.activeElement).toBe(screen.getByLabelText('Name'));
    await types('Name', 'Sam Ortiz');
    await press('Add');
    const add = await screen.findByRole('button', { name: 'Add a person' });
    await waitFor(() => expect(document.activeElement).toBe(add));
    expect(screen.getByLabelText('Name of Sam Ortiz')).toBeTruthy();
    expect([acts(), office.saved]).toEqual([[['add_colleague', { name: 'Sam Ortiz' }]], true]);
  });

  it('get another name at the same place', async () => {
    const { office, acts } = await shown([nora, sam]);
    await types('Name of Sam Ortiz', ' Ada   Ortiz ');
    await waitFor(() => expect(screen.getByLabelText('Name of Ada Ortiz')).toBeTruthy());
    expect(acts()).toEqual([['rename_colleague', { id: 's', name: 'Ada Ortiz' }]]);
    expect([names(), office.saved]).toEqual([['Nora Bell', 'Ada Ortiz'], true]);
  });

  it('say beside the field why a name is not taken', async () => {
    const { office } = await shown([nora, sam]);
    await types('Name of Sam Ortiz', 'Nora Bell');
    const why = await screen.findByRole('alert');
    expect(why.textContent).toBe('Nora Bell is already in the list. Add an initial.');
    expect(screen.getByLabelText('Name of Sam Ortiz').getAttribute('aria-describedby')).toBe(why.id);
    expect(office.saved).toBe(false);
  });

  it('are removed once it was said what becomes nobody’s', async () => {
    const { office, acts } = await shown([nora, sam], conversations(2), conversations(1));
    await press('Remove Sam Ortiz');
    await screen.findByText('3 conversations are assigned to Sam Ortiz. They become nobody’s.');
    await press('Not now');
    expect(acts()).toEqual([]);
    await press('Remove Sam Ortiz');
    await screen.findByText(/^3 conversations/);
    const [sure] = screen.getAllByRole('button', { name: 'Remove Sam Ortiz' }).slice(-1);
    await fireEvent.click(sure as HTMLElement);
    await waitFor(() => expect(names()).toEqual(['Nora Bell']));
    expect(acts()).toEqual([['remove_colleague', { id: 's' }]]);
    const said = 'Sam Ortiz is removed. 3 conversations are nobody’s now.';
    expect(office.undoable).toEqual({ said, undo: null });
    const add = screen.getByRole('button', { name: 'Add a person' });
    await waitFor(() => expect(document.activeElement).toBe(add));
  });

  it('are counted through lists of any length', async () => {
    const { asked, backend } = desk([sam], conversations(1_200), conversations(3));
    expect(await theirs(backend, 's')).toBe(1_203);
    expect(asked).toHaveLength(4);
  });
});
