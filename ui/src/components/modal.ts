/**
 * Shows a dialog above everything else. Once it is closed, what had the focus before has it again: WebKit drops
 * it now and then while it is busy, and the next key would go nowhere.
 */
export function showModal(dialog: HTMLDialogElement | undefined): void {
  if (!dialog) return;
  const before = document.activeElement;
  dialog.showModal();
  const back = () => {
    // It is told a little later, when it may have been opened again.
    if (dialog.open) return;
    dialog.removeEventListener('close', back);
    const now = document.activeElement;
    // Somebody may have led the focus elsewhere.
    if (now !== document.body && !dialog.contains(now)) return;
    if (before instanceof HTMLElement) before.focus({ preventScroll: true });
  };
  dialog.addEventListener('close', back);
}
