// When something is drawn.

/** Milliseconds between two frames of a hidden window: it gets none, and still keeps up. */
const HIDDEN = 100;

/**
 * Does something as the next frame begins: what it changes right away is drawn with it. A hidden window does it
 * a little later instead; one that is hidden meanwhile, not before it is shown again.
 */
export function beforeFrame(act: () => void): void {
  if (document.hidden) setTimeout(act, HIDDEN);
  else requestAnimationFrame(act);
}

/** Does something once what was changed just now is on the screen. */
export function onceDrawn(act: () => void): void {
  beforeFrame(() => setTimeout(act));
}
