import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Backend } from '../backend/backend';
import { Draft } from '../state/draft.svelte';
import { Office } from '../state/office.svelte';
import Composer from './Composer.svelte';

afterEach(() => {
  cleanup();
  document.body.replaceChildren();
});

/** What is written to Joel, over a counter that answers like this. */
function shown(answers: Record<string, (request: never) => unknown> = {}) {
  const asked: [string, unknown][] = [];
  const call = (command: string, request: unknown) => {
    asked.push([command, request]);
    return Promise.resolve(answers[command]?.(request as never) ?? {});
  };
  const backend = { call, player: { listen: () => () => undefined } } as unknown as Backend;
  const office = new Office(backend, false);
  const draft = new Draft('');
  const props = { office, conversation: 'a', who: 'Joel', name: 'Joel', draft, closed: false };
  const view = render(Composer, props);
  const sent = () => asked.filter(([command]) => command === 'send_text').length;
  return { view, props, office, draft, sent, composer: view.component };
}
const field = () => screen.queryByRole<HTMLTextAreaElement>('textbox');
const send = () => screen.getByRole('button', { name: 'Send' });
const file = (bytes: number, type = 'image/jpeg') => new File([new Uint8Array(bytes)], 'sink.jpg', { type });
const picture = { sha256: 'f0', content_type: 'image/jpeg', bytes: 700_000, large: true };

describe('a STOP while something is being written', () => {
  it('leaves the field to whoever types, to be read only, until they leave it', async () => {
    const { view, props, draft, sent } = shown();
    const before = field();
    before?.focus();
    draft.body = 'On our w';
    await view.rerender({ ...props, closed: true });
    // Nothing typed next reaches the keys.
    expect(document.activeElement).toBe(before);
    expect([before?.isConnected, before?.readOnly, before?.value]).toEqual([true, true, 'On our w']);
    expect(screen.getByRole('status').textContent).toContain('Nothing more can be sent');
    await fireEvent.keyDown(before as Element, { key: 'Enter', ctrlKey: true });
    expect(sent()).toBe(0);
    // What is under the mouse stays there until it was pressed.
    before?.blur();
    await Promise.resolve();
    expect(field()).toBe(before);
    await fireEvent.mouseUp(document.body);
    await waitFor(() => expect(field()).toBeNull());
  });

  it('lets whoever is in the field go on to the pictures beside it', async () => {
    const { view, props, draft } = shown();
    draft.pictures = [{ ...picture, preview: 'blob:sink' }];
    field()?.focus();
    await view.rerender({ ...props, closed: true });
    const remove = screen.getByRole('button', { name: 'Remove picture' });
    remove.focus();
    const looked = new Promise((done) => addEventListener('keyup', () => setTimeout(done), { once: true }));
    await fireEvent.keyUp(remove, { key: 'Tab' });
    await looked;
    expect([document.activeElement, remove.isConnected]).toEqual([remove, true]);
    await fireEvent.click(remove);
    expect([draft.pictures, document.activeElement === field()]).toEqual([[], true]);
    field()?.blur();
    await fireEvent.keyUp(document.body, { key: 'Tab' });
    await waitFor(() => expect(field()).toBeNull());
  });

  it('brings whoever was at a button that goes into the field', async () => {
    const { view, props } = shown();
    send().focus();
    await view.rerender({ ...props, closed: true });
    await waitFor(() => expect(document.activeElement).toBe(field()));
    expect(field()?.readOnly).toBe(true);
  });

  it('takes the field away at once where nobody is in it', async () => {
    const { view, props } = shown();
    await view.rerender({ ...props, closed: true });
    expect(field()).toBeNull();
  });

  it('lets a note be kept, and goes to what was said', async () => {
    const { view, props, composer, draft } = shown();
    const timeline = document.body.appendChild(document.createElement('div'));
    timeline.id = 'timeline';
    timeline.tabIndex = 0;
    await view.rerender({ ...props, closed: true });
    expect(composer.isNoting()).toBe(false);
    composer.note();
    expect(composer.isNoting()).toBe(true);
    const noted = field();
    expect([document.activeElement === noted, noted?.readOnly]).toEqual([true, false]);
    draft.note = 'Gate code 12';
    await fireEvent.keyDown(noted as Element, { key: 'Enter', ctrlKey: true });
    await waitFor(() => expect(field()).toBeNull());
    expect([draft.note, document.activeElement]).toEqual(['', timeline]);
  });
});

describe('a picture', () => {
  it('holds the text up until it is attached', async () => {
    let taken: (picture: unknown) => void = () => undefined;
    const waits = new Promise((done) => (taken = done));
    const { composer, draft, sent } = shown({ add_picture: () => waits });
    draft.body = 'Like this?';
    void composer.attach([file(9), file(9)]);
    await screen.findByText('Attaching 2 pictures…');
    await fireEvent.click(send());
    expect([sent(), send().getAttribute('aria-disabled')]).toEqual([0, 'true']);
    expect(send().title).toBe('The picture is still being attached');
    taken(picture);
    await waitFor(() => expect(send().getAttribute('aria-disabled')).toBeNull());
    expect([draft.pictures.length, screen.queryByText(/^Attaching/)]).toEqual([2, null]);
    // What carriers refuse is said in words.
    expect(screen.getAllByText('Some carriers refuse pictures this large.')).toHaveLength(2);
    await fireEvent.click(send());
    await waitFor(() => expect(sent()).toBe(1));
  });

  it('that the counter refused holds nothing up', async () => {
    const refuse = () => Promise.reject({ code: 'invalid', message: 'No picture.', hint: '' });
    const { composer, draft, office } = shown({ add_picture: refuse });
    draft.body = 'Like this?';
    await composer.attach([file(9)]);
    expect([draft.attaching, draft.pictures, office.notice?.text]).toEqual([0, [], 'No picture.']);
  });

  it('that was refused stays said while others are attached', async () => {
    const refuse = { code: 'invalid', message: 'No picture.', hint: '' };
    const answers = vi.fn().mockRejectedValueOnce(refuse).mockResolvedValue(picture);
    const { composer, draft, office } = shown({ add_picture: answers });
    await composer.attach([file(9), () => Promise.resolve(file(9))]);
    expect([draft.pictures.length, office.notice?.text]).toEqual([1, 'No picture.']);
    await composer.attach([
      file(9),
      () => Promise.reject({ code: 'unread', message: 'Not read.', hint: '' }),
    ]);
    expect([draft.pictures.length, office.notice?.text]).toEqual([2, 'Not read.']);
    await composer.attach([file(9)]);
    expect([draft.pictures.length, office.notice]).toEqual([3, null]);
  });

  it('that was refused is not said again while others are attached', async () => {
    const taken: ((picture: unknown) => void)[] = [];
    const answers = vi
      .fn()
      .mockRejectedValueOnce({ code: 'invalid', message: 'No picture.', hint: '' })
      .mockImplementation(() => new Promise((done) => taken.push(done)));
    const { composer, draft, office } = shown({ add_picture: answers });
    const said: unknown[] = [];
    const { notice: own } = Object.getOwnPropertyDescriptors(Office.prototype);
    expect(own?.set).toBeTypeOf('function');
    vi.spyOn(office, 'notice', 'set').mockImplementation((notice) => {
      said.push(notice);
      own?.set?.call(office, notice);
    });
    const going = composer.attach([file(9), file(9), file(9)]);
    await waitFor(() => expect(taken).toHaveLength(1));
    taken[0]?.(picture);
    await waitFor(() => expect(taken).toHaveLength(2));
    const refusal = { text: 'No picture.', hint: '' };
    expect([said, office.notice]).toEqual([[null, refusal], refusal]);
    // Dismissed, it stays away.
    office.notice = null;
    taken[1]?.(picture);
    await going;
    expect([draft.pictures.length, office.notice]).toEqual([2, null]);
  });

  it('beyond those a text takes is left out, and said', async () => {
    const { composer, draft, office } = shown({ add_picture: () => ({ ...picture, bytes: 9 }) });
    await composer.attach(Array.from({ length: 11 }, () => file(9)));
    expect([draft.pictures.length, office.notice]).toEqual([
      10,
      { text: 'One text takes ten pictures at most.', hint: 'One was left out. Send it in another text.' },
    ]);
    draft.pictures = [{ ...picture, bytes: 4_900_000, preview: 'blob:sink' }];
    await composer.attach([file(200_000), file(200_000)]);
    expect([draft.pictures.length, office.notice]).toEqual([
      1,
      {
        text: 'One text takes 5 MB of pictures at most.',
        hint: '2 were left out. Send them in further texts.',
      },
    ]);
  });

  it('is refused where none can be sent, and beside a note', async () => {
    const { view, props, composer, office, draft } = shown();
    composer.note();
    await composer.attach([file(9)]);
    expect(office.notice?.hint).toContain('A note holds words only');
    await fireEvent.keyDown(field() as Element, { key: 'Escape' });
    await view.rerender({ ...props, closed: true });
    office.notice = null;
    // Words that are dropped are no picture.
    await composer.attach([]);
    expect(office.notice).toBeNull();
    await composer.attach([file(9)]);
    expect(office.notice).toMatchObject({ text: 'The picture was not attached.' });
    expect([draft.pictures, draft.attaching]).toEqual([[], 0]);
  });

  it('that is too large is asked about', async () => {
    const { composer, draft, office } = shown();
    await composer.attach([file(5_000_001)]);
    const asks = await screen.findByRole('alert');
    expect(asks.textContent).toContain('sink.jpg is too large to send.');
    // This page cannot read it.
    vi.spyOn(Image.prototype, 'decode').mockRejectedValue(new Error('no picture'));
    const smaller = screen.getByRole('button', { name: 'Make it smaller' });
    smaller.focus();
    await fireEvent.click(smaller);
    expect(document.activeElement).toBe(field());
    await waitFor(() => expect(office.notice?.text).toBe('sink.jpg could not be made smaller.'));
    expect([draft.tooLarge, draft.attaching, draft.pictures]).toEqual([[], 0, []]);
    await composer.attach([file(5_000_001, 'application/pdf')]);
    expect((await screen.findByRole('alert')).textContent).toContain('is not a picture');
    expect(screen.queryByRole('button', { name: 'Make it smaller' })).toBeNull();
    const notNow = screen.getByRole('button', { name: 'Not now' });
    notNow.focus();
    await fireEvent.click(notNow);
    expect([screen.queryByRole('alert'), document.activeElement]).toEqual([null, field()]);
  });

  it('that does not fit with the others is asked about, and can be sent smaller', async () => {
    const { composer, draft, office } = shown({ add_picture: () => picture });
    draft.pictures = [{ ...picture, bytes: 4_000_000, preview: 'blob:sink' }];
    await composer.attach([file(3_000_000)]);
    const asks = await screen.findByRole('alert');
    expect(asks.textContent).toContain('sink.jpg does not fit.');
    expect(asks.textContent).toContain('Together with the others it is too large.');
    expect([draft.tooLarge.length, office.notice]).toEqual([1, null]);
    screen.getByRole('button', { name: 'Make it smaller' });
  });

  it('holds the text up where there are more than it takes', async () => {
    const { draft, sent } = shown();
    draft.pictures = [{ ...picture, bytes: 3_000_000, preview: 'blob:a' }];
    await waitFor(() => expect(send().getAttribute('aria-disabled')).toBeNull());
    // As what was taken back comes to what was attached since.
    draft.pictures = [...draft.pictures, { ...picture, bytes: 3_000_000, preview: 'blob:b' }];
    await waitFor(() => expect(send().title).toBe('One text takes 5 MB of pictures at most.'));
    await fireEvent.click(send());
    expect(sent()).toBe(0);
    await screen.findByText('One text takes 5 MB of pictures at most.');
    draft.pictures = Array.from({ length: 11 }, (_, at) => ({ ...picture, bytes: 9, preview: `blob:${at}` }));
    await waitFor(() => expect(send().title).toBe('One text takes ten pictures at most.'));
  });

  it('that is taken off leaves the focus in the field', async () => {
    const { draft } = shown();
    draft.pictures = [{ ...picture, preview: 'blob:sink' }];
    const remove = await screen.findByRole('button', { name: 'Remove picture' });
    remove.focus();
    await fireEvent.click(remove);
    expect([draft.pictures, document.activeElement === field()]).toEqual([[], true]);
  });
});

it('asks once: while a question stands, only its own button sends', async () => {
  const question = { code: 'quiet_hours', message: 'It is late.', hint: 'Send it anyway?' };
  const answers = vi.fn().mockRejectedValueOnce(question).mockResolvedValue({});
  const { draft, sent } = shown({ send_text: answers });
  draft.body = 'See you tomorrow';
  await fireEvent.click(send());
  const anyway = await screen.findByRole('button', { name: 'Send anyway' });
  expect(send().getAttribute('aria-disabled')).toBe('true');
  await fireEvent.click(send());
  await screen.findByText('Answer the question above first');
  expect(sent()).toBe(1);
  await fireEvent.click(anyway);
  await waitFor(() => expect(draft.body).toBe(''));
  expect([sent(), screen.queryByRole('alert')]).toEqual([2, null]);
  expect(answers.mock.lastCall?.[0]).toMatchObject({ yes_to: ['quiet_hours'] });
});

it('goes back to the text where a question is answered with not now', async () => {
  const question = { code: 'quiet_hours', message: 'It is late.', hint: 'Send it anyway?' };
  const { draft } = shown({ send_text: () => Promise.reject(question) });
  draft.body = 'See you tomorrow';
  await fireEvent.click(send());
  const notNow = await screen.findByRole('button', { name: 'Not now' });
  notNow.focus();
  await fireEvent.click(notNow);
  expect([screen.queryByRole('alert'), document.activeElement]).toEqual([null, field()]);
});
