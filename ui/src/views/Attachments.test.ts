import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { afterEach, expect, it, vi } from 'vitest';
import type { Backend } from '../backend/backend';
import type { Attachment } from '../backend/generated/desk';
import Attachments from './Attachments.svelte';

afterEach(cleanup);

const PATH = '/home/nora/Downloads/Joel 2026-11-22 08.31.pdf';

it('a file that is kept is saved, and where is said', async () => {
  const saveFile = vi.fn().mockResolvedValueOnce(PATH).mockResolvedValueOnce(null);
  const backend = { saveFile } as unknown as Backend;
  const quote = {
    id: 'q',
    state: 'kept',
    showable: false,
    content_type: 'application/pdf',
    bytes: 12_000,
  } as Attachment;
  render(Attachments, { backend, attachments: [quote], missing: 0, alt: '', onlook: () => undefined });
  const save = screen.getByRole('button', { name: 'Save a copy: PDF, 12 kB' });
  await fireEvent.click(save);
  await waitFor(() => expect(screen.getByRole('status').textContent).toBe(`Saved as ${PATH}`));
  expect(saveFile).toHaveBeenLastCalledWith('q');
  await fireEvent.click(save);
  await waitFor(() => expect(screen.getByRole('status').textContent).toContain('with its downloads'));
  saveFile.mockRejectedValueOnce({ code: 'not_copied', message: 'The disk is full.', hint: 'Make room.' });
  await fireEvent.click(save);
  await waitFor(() => expect(screen.getByRole('status').textContent).toBe('The disk is full. Make room.'));
});
