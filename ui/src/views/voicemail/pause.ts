// The key that silences.

import type { Playback } from '../../state/player.svelte';

/** Pauses what plays, in sight or not; false where nothing does. */
export function pauseAny(player: Playback): boolean {
  if (!player.on || player.what === null) return false;
  player.toggle({ id: player.what, position_ms: player.position, length_ms: null, duration_s: null });
  return true;
}
