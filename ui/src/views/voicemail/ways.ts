// Where a voicemail in a conversation leads: the window knows, and what lies between need not.

import { createContext } from 'svelte';
import type { Voicemail } from '../../backend/generated/desk';

export interface Ways {
  /** Opens it in the Voicemail view. */
  open: (voicemail: Voicemail) => void;
  /** Opens where the sound device is chosen. */
  settings: () => void;
}

export const [ways, setWays] = createContext<Ways>();
