import { afterEach, describe, expect, it } from 'vitest';
import { Awaited } from './awaited';

interface Sheet {
  open: (name: string) => void;
}

/** A sheet with a field that comes when `arrive` is called, and what was opened on it. */
function sheet() {
  const opened: string[] = [];
  const field = document.body.appendChild(document.createElement('input'));
  let here: Sheet | undefined;
  let loads = 0;
  let arrive = (): void => undefined;
  const awaited = new Awaited<Sheet>(
    () => here,
    () => {
      loads += 1;
      return new Promise((done) => (arrive = done));
    },
  );
  const press = (key: string, more: KeyboardEventInit = {}) => {
    const event = new KeyboardEvent('keydown', { key, cancelable: true, ...more });
    awaited.hold(event);
    return event.defaultPrevented;
  };
  const arrives = async (how: 'whole' | 'broken' = 'whole') => {
    const open = (name: string) => {
      opened.push(name);
      field.focus();
    };
    if (how === 'whole') here = { open };
    arrive();
    await Promise.resolve();
  };
  return { awaited, opened, field, press, arrives, loads: () => loads };
}

afterEach(() => document.body.replaceChildren());

describe('what is asked of a part that is not here yet', () => {
  it('is done when it comes, and at once from then on', async () => {
    const { awaited, opened, arrives, loads } = sheet();
    awaited.ask((there) => there.open('keys'));
    awaited.ask((there) => there.open('find'));
    expect([opened, loads()]).toEqual([[], 1]);
    await arrives();
    // The last that was asked for is meant.
    expect(opened).toEqual(['find']);
    awaited.ask((there) => there.open('keys'));
    expect([opened, loads()]).toEqual([['find', 'keys'], 1]);
  });

  it('gets what is typed meanwhile, and nothing else does', async () => {
    const { awaited, field, press, arrives } = sheet();
    expect(press('x')).toBe(false);
    awaited.ask((there) => there.open('find'));
    let heard = '';
    field.addEventListener('input', () => (heard = field.value));
    const taken = [press('M'), press('a'), press('Enter'), press('k', { ctrlKey: true }), press('r')];
    await arrives();
    expect([taken, field.value, heard]).toEqual([[true, true, true, true, true], 'Mar', 'Mar']);
    expect(press('x')).toBe(false);
  });

  it('is dropped by Escape, and where it does not come', async () => {
    const { awaited, opened, press, arrives, loads } = sheet();
    awaited.ask((there) => there.open('find'));
    press('Escape');
    await arrives('broken');
    awaited.ask((there) => there.open('find'));
    expect(loads()).toBe(2);
    await arrives('broken');
    expect([opened, press('x')]).toEqual([[], false]);
  });

  it('gets nothing of what was typed before Escape', async () => {
    const { awaited, opened, field, press, arrives } = sheet();
    awaited.ask((there) => there.open('find'));
    press('x');
    press('Escape');
    awaited.ask((there) => there.open('keys'));
    press('y');
    await arrives();
    expect([opened, field.value]).toEqual([['keys'], 'y']);
  });
});
