// When something is drawn.

/** Milliseconds between two frames of a window that gets none, as a hidden one does: it still keeps up. */
const LONGEST = 100;

/** Does something as the next frame begins: what it changes right away is drawn with it. */
export function beforeFrame(act: () => void): void {
  const once = () => {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
    act();
  };
  const frame = requestAnimationFrame(once);
  const timer = setTimeout(once, LONGEST);
}

/**
 * Does something once what was changed just now is on the screen. A hidden window does it a little later; one that
 * is hidden meanwhile, not before it is shown again.
 */
export function onceDrawn(act: () => void): void {
  const later = () => void setTimeout(act);
  if (document.hidden) setTimeout(later, LONGEST);
  else requestAnimationFrame(later);
}
