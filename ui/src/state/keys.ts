// Keys, as the page hears them.

/** Whether a key belongs to what is being put together, such as a Japanese word. */
export function composing(event: KeyboardEvent): boolean {
  // 229: the engine's own word for it, on the key that ends it.
  return event.isComposing || event.keyCode === 229;
}
