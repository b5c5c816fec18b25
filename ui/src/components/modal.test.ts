import { afterEach, expect, it } from 'vitest';
import { showModal } from './modal';

function page(): { before: HTMLButtonElement; other: HTMLButtonElement; dialog: HTMLDialogElement } {
  const before = document.createElement('button');
  const other = document.createElement('button');
  const dialog = document.createElement('dialog');
  const inside = document.createElement('button');
  dialog.append(inside);
  document.body.append(before, other, dialog);
  before.focus();
  showModal(dialog);
  inside.focus();
  return { before, other, dialog };
}
/** The web view leaves the focus where it was, or nowhere, and tells of the end afterwards. */
function closed(dialog: HTMLDialogElement, then: () => void = () => undefined): void {
  dialog.removeAttribute('open');
  then();
  dialog.dispatchEvent(new Event('close'));
}

afterEach(() => document.body.replaceChildren());

const nowhere = () => (document.activeElement as HTMLElement).blur();

it('gives the focus back to what had it', () => {
  for (const left of [nowhere, () => undefined]) {
    const { before, dialog } = page();
    closed(dialog, left);
    expect(document.activeElement).toBe(before);
  }
});

it('leaves the focus where it was led meanwhile', () => {
  const { other, dialog } = page();
  closed(dialog, () => other.focus());
  expect(document.activeElement).toBe(other);
});

it('gives nothing back to what is gone', () => {
  const { before, dialog } = page();
  closed(dialog, () => {
    nowhere();
    before.remove();
  });
  expect(document.activeElement).toBe(document.body);
});

it('waits where it was opened again meanwhile', () => {
  const { before, dialog } = page();
  closed(dialog, () => dialog.setAttribute('open', ''));
  expect(document.activeElement).not.toBe(before);
  closed(dialog);
  expect(document.activeElement).toBe(before);
});
