// When something is drawn.

/** Milliseconds between two frames of a hidden window: it gets none, and still keeps up. */
const HIDDEN = 100;

/** Does something right before the next frame is drawn. */
export function beforeFrame(act: () => void): void {
  if (document.hidden) setTimeout(act, HIDDEN);
  else requestAnimationFrame(act);
}

/** Does something once what was changed just now is on the screen. */
export function onceDrawn(act: () => void): void {
  beforeFrame(() => setTimeout(act));
}
