import { cleanup, fireEvent, render, screen, waitFor, within } from '@testing-library/svelte';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Backend, Command, Request } from '../backend/backend';
import type { Colleague, ContactCard } from '../backend/generated/desk';
import { Office, type Card } from '../state/office.svelte';
import ContactPanel from './ContactPanel.svelte';

const customer = '+14155550176';
const marcus = {
  name: 'Marcus Webb',
  consent: 'given',
  consent_history: [],
  tags: [],
  numbers: [{ number: customer, display: '(415) 555-0176', conversation: 'a' }],
  calls: [],
  notes: 'Gate code 12',
  held: false,
} as ContactCard;
const mobile = { number: '+14155550142', display: '(415) 555-0142', conversation: 'b' };
const refused = { code: 'no', message: 'That can’t be done.', hint: 'Wait.' };

/** The panel of Marcus, of whom `before` was known so many Changes ago, and what the desk was asked to do. */
function shown({
  known = {},
  assigned = null,
  before = null,
}: {
  known?: Partial<ContactCard>;
  assigned?: Colleague | null;
  before?: { notes: string; ago: number } | null;
} = {}) {
  const desk = { card: { ...marcus, ...known }, refuses: false, answers: Promise.resolve() };
  const did: [Command, unknown][] = [];
  const backend = {
    call: async (command: Command, request: unknown) => {
      if (command === 'contact') return desk.card;
      if (command === 'conversation') return { seq: 1, conversation: { id: 'b', unread: 0 }, timeline: [] };
      did.push([command, request]);
      await desk.answers;
      if (desk.refuses) throw refused;
      if (command === 'save_contact') {
        const { tags, notes } = request as Request<'save_contact'>;
        desk.card = { ...desk.card, ...(tags && { tags }), ...(notes !== undefined && { notes }) };
      }
      return {};
    },
    player: { listen: () => () => undefined },
  } as unknown as Backend;
  const onassign = vi.fn();
  const office = new Office(backend, false);
  office.news = 5;
  office.panel = true;
  if (before) {
    const old = { ...marcus, notes: before.notes } as Card['known'];
    office.card = { conversation: 'a', known: old, news: office.news - before.ago };
  }
  const props = { office, conversation: 'a', display: '(415) 555-0176', customer };
  const panel = render(ContactPanel, { ...props, assigned, onassign });
  return { panel, props, onassign, office, desk, did };
}
const notes = () => screen.getByRole<HTMLTextAreaElement>('textbox', { name: 'Notes' });
const press = async (name: string | RegExp) => fireEvent.click(await screen.findByRole('button', { name }));

describe('the contact panel', () => {
  afterEach(() => {
    vi.useRealTimers();
    cleanup();
  });

  it('says whose the conversation is, and asks whose it is to be', async () => {
    const { panel, props, onassign } = shown({ assigned: { id: 's', name: 'Sam Ortiz' } });
    const button = await screen.findByRole('button', { name: 'Assigned to Sam Ortiz' });
    expect(button.querySelector('.avatar')?.textContent).toBe('SO');
    await fireEvent.click(button);
    expect(onassign).toHaveBeenCalledOnce();
    await panel.rerender({ ...props, assigned: null, onassign });
    // The same button: whoever pressed it has the focus again.
    expect(screen.getByRole('button', { name: 'Assigned to Nobody' })).toBe(button);
    expect(button.querySelector('.avatar')).toBeNull();
  });

  it('is there at once, but nobody writes over notes that may be others by now', async () => {
    shown({ before: { notes: 'Gate code 9', ago: 1 } });
    expect([notes().value, notes().disabled]).toEqual(['Gate code 9', true]);
    await waitFor(() => expect([notes().value, notes().disabled]).toEqual(['Gate code 12', false]));
    cleanup();
    shown({ before: { notes: 'Gate code 12', ago: 0 } });
    expect([notes().value, notes().disabled]).toEqual(['Gate code 12', false]);
  });

  it('gives the focus back to what opened the name field', async () => {
    const { desk } = shown();
    const name = () => screen.findByRole('textbox', { name: 'Name' });
    const rename = () => screen.findByRole('button', { name: 'Edit name' });
    await press('Edit name');
    await fireEvent.keyDown(await name(), { key: 'Escape' });
    await waitFor(async () => expect(document.activeElement).toBe(await rename()));
    await press('Edit name');
    desk.refuses = true;
    await press('Save name');
    expect(document.activeElement).toBe(await name());
    desk.refuses = false;
    await press('Save name');
    await waitFor(async () => expect(document.activeElement).toBe(await rename()));
  });

  it('is closed again, as by its key', async () => {
    const { office } = shown();
    await press('Close');
    expect(office.panel).toBe(false);
  });

  it('names the calls of their other numbers', async () => {
    const call = { id: 'k', at: 0, incoming: true, ending: 'answered', answered_by: 'Nora', live: false };
    const calls = [
      { ...call, customer: mobile.number, with: mobile.display },
      { ...call, id: 'l', customer, with: '(415) 555-0176' },
    ] as unknown as ContactCard['calls'];
    shown({ known: { calls } });
    const said = (await screen.findAllByText(/Answered by Nora/)).map((one) => one.textContent.trim());
    expect(said).toEqual([expect.stringContaining(mobile.display), 'Answered by Nora']);
  });

  it('says on a line what came of a call, with a sign, and how long it was', async () => {
    const call = { id: 'k', at: 0, customer, incoming: true, live: false, legs: [], reasons: [] };
    const calls = [
      { ...call, ending: 'voicemail', plan: { kind: 'forward' }, duration_s: 42 },
      { ...call, id: 'l', ending: 'hung_up_greeting', plan: { kind: 'voicemail' }, duration_s: null },
      { ...call, id: 'm', ending: null, duration_s: null },
    ] as unknown as ContactCard['calls'];
    const { panel } = shown({ known: { calls } });
    await screen.findByText(/Left a voicemail/);
    const rows = [...panel.container.querySelectorAll('.call')];
    const said = rows.map((row) => row.querySelector('.words')?.textContent.replace(/\s+/g, ' ').trim());
    expect(said).toEqual(['Left a voicemail · 0:42', 'Missed call', 'Called, how it ended is not known yet']);
    expect(rows.map((row) => row.querySelector('svg') !== null)).toEqual([true, true, true]);
    expect(rows.map((row) => row.classList.contains('missed'))).toEqual([false, true, false]);
  });
});

describe('the notes of a customer', () => {
  afterEach(() => {
    vi.useRealTimers();
    cleanup();
  });
  const type = (value: string) => fireEvent.input(notes(), { target: { value } });

  it('stay as they were typed where they could not be saved, until they are', async () => {
    const { office, desk, did } = shown();
    await screen.findByRole('textbox', { name: 'Notes' });
    desk.refuses = true;
    await type('Gate code 15');
    await fireEvent.change(notes());
    await screen.findByText('These notes aren’t saved yet.');
    // Something else changed meanwhile: what is stored is asked for again.
    desk.card = { ...desk.card, name: 'Marcus J. Webb' };
    office.news += 1;
    await screen.findByRole('heading', { name: 'Marcus J. Webb' });
    expect(notes().value).toBe('Gate code 15');
    // Whoever comes back finds them, too.
    cleanup();
    render(ContactPanel, {
      ...{ office, conversation: 'a', display: '(415) 555-0176', customer, assigned: null },
      onassign: () => undefined,
    });
    await waitFor(() => expect(notes().value).toBe('Gate code 15'));
    await screen.findByText('These notes aren’t saved yet.');
    desk.refuses = false;
    await press('Save notes');
    await waitFor(() => expect(screen.queryByText('These notes aren’t saved yet.')).toBeNull());
    expect(did.at(-1)).toEqual(['save_contact', { id: 'a', notes: 'Gate code 15' }]);
    // What is stored since, elsewhere, is shown.
    desk.card = { ...desk.card, notes: 'Gate code 16' };
    office.news += 1;
    await waitFor(() => expect(notes().value).toBe('Gate code 16'));
  });

  it('are not called unsaved, nor written again, where they are on their way when somebody comes back', async () => {
    const { panel, office, desk, did } = shown();
    await screen.findByRole('textbox', { name: 'Notes' });
    let answer: () => void = () => undefined;
    desk.answers = new Promise((done) => (answer = done));
    await type('Gate code 15');
    await fireEvent.change(notes());
    panel.unmount();
    const back = render(ContactPanel, {
      ...{ office, conversation: 'a', display: '(415) 555-0176', customer, assigned: null },
      onassign: () => undefined,
    });
    await waitFor(() => expect(notes().value).toBe('Gate code 15'));
    expect(screen.queryByText('These notes aren’t saved yet.')).toBeNull();
    expect(did).toEqual([['save_contact', { id: 'a', notes: 'Gate code 15' }]]);
    answer();
    await waitFor(() => expect(desk.card.notes).toBe('Gate code 15'));
    // Others are stored since, elsewhere.
    desk.card = { ...desk.card, notes: 'Gate code 16' };
    office.news += 1;
    await waitFor(() => expect(notes().value).toBe('Gate code 16'));
    const before = did.length;
    back.unmount();
    expect([did.length, screen.queryByText('These notes aren’t saved yet.')]).toEqual([before, null]);
  });

  it('are kept with what was typed while they were being saved', async () => {
    const { office, desk, did } = shown();
    await screen.findByRole('textbox', { name: 'Notes' });
    await type('Gate');
    const saving = fireEvent.change(notes());
    await type('Gate code 15');
    await saving;
    await waitFor(() => expect(did).toHaveLength(1));
    desk.card = { ...desk.card, name: 'Marcus J. Webb' };
    office.news += 1;
    await screen.findByRole('heading', { name: 'Marcus J. Webb' });
    expect(notes().value).toBe('Gate code 15');
    await fireEvent.change(notes());
    await waitFor(() => expect(desk.card.notes).toBe('Gate code 15'));
  });
});

describe('the numbers and tags of a customer', () => {
  afterEach(cleanup);

  it('lead to what was said with another number, where something was', async () => {
    const shop = { number: '+14155550143', display: '(415) 555-0143', conversation: null };
    const { office, did } = shown({ known: { numbers: [mobile, shop, ...marcus.numbers] } });
    await press(/^\(415\) 555-0142\s*, open the conversation/);
    await waitFor(() => expect(office.openId).toBe('b'));
    // This conversation is open already, and with the shop there is none: none is made.
    for (const display of [/^\(415\) 555-0143/, /^\(415\) 555-0176/]) {
      expect(screen.queryByRole('button', { name: display })).toBeNull();
    }
    expect(screen.getByText(shop.display)).toBeTruthy();
    expect(did).toEqual([]);
  });

  it('leave the focus alone where another customer’s panel is shown when they are kept', async () => {
    const { panel, desk, did } = shown();
    let answer: () => void = () => undefined;
    desk.answers = new Promise((done) => (answer = done));
    for (const [what, typed] of [
      ['Add a tag', 'Gas'],
      ['Add another number', mobile.display],
    ] as const) {
      await press(what);
      const added = screen.getByRole<HTMLInputElement>('textbox', { name: what });
      added.value = typed;
      await fireEvent.submit(added.form as Element);
    }
    panel.unmount();
    shown();
    await screen.findByRole('textbox', { name: 'Notes' });
    answer();
    await desk.answers;
    await new Promise((done) => setTimeout(done));
    expect([did.length, document.activeElement]).toEqual([2, document.body]);
  });

  it('come back where they were removed by mistake', async () => {
    const { office, desk, did } = shown({
      known: { numbers: [mobile, ...marcus.numbers], tags: ['Gas', 'Regular'] },
    });
    await press('Remove (415) 555-0142');
    await waitFor(() => expect(office.undoable?.said).toBe('(415) 555-0142 is no longer theirs.'));
    await office.undo();
    expect(did.map(([, request]) => request)).toEqual([
      { id: 'a', remove_number: mobile.number },
      { id: 'a', add_number: mobile.number },
    ]);
    await press('Remove the tag Gas');
    await waitFor(() => expect(office.undoable?.said).toBe('The tag Gas is removed.'));
    // Tagged in another window meanwhile.
    desk.card = { ...desk.card, tags: ['Regular', 'Slow'] };
    await office.undo();
    expect(desk.card.tags).toEqual(['Regular', 'Slow', 'Gas']);
  });
});

describe('whether a customer gets texts', () => {
  afterEach(cleanup);
  const note = (event: string, id: string) => ({ id, event, at: 0 });

  it('is ended by hand, once that was asked of the number, and taken back', async () => {
    const { office, desk, did } = shown();
    await press('Mark as opted out');
    const question = screen.getByRole('group', { name: /^No more texts to \(415\) 555-0176\?/ });
    await waitFor(() => expect(question.contains(document.activeElement)).toBe(true));
    await fireEvent.click(within(question).getByRole('button', { name: 'Not now' }));
    expect(did).toEqual([]);
    await press('Mark as opted out');
    await press('Yes, no more texts to them');
    expect(did).toEqual([['opt_out', { id: 'a' }]]);
    desk.card = { ...desk.card, consent: 'opted_out', consent_history: [note('owner_opted_out', 'e')] };
    office.news += 1;
    const back = await screen.findByRole('button', { name: 'Take it back' });
    expect(screen.queryByText('Mark as opted out')).toBeNull();
    await waitFor(() => expect(document.activeElement).toBe(back));
    await fireEvent.click(back);
    expect(did.at(-1)).toEqual(['opt_in', { id: 'a' }]);
  });

  it('is not the owner’s to change where they said so themselves', async () => {
    shown({ known: { consent: 'opted_out', consent_history: [note('stop_word', 'e')] } });
    await screen.findByText('Opted out of texts');
    expect(screen.queryByRole('button', { name: /Take it back|Mark as opted out/ })).toBeNull();
  });

  it('is said of the number it holds for, where there are several', async () => {
    shown({ known: { numbers: [mobile, ...marcus.numbers] } });
    await screen.findByRole('heading', { name: 'Texts to (415) 555-0176' });
  });
});
