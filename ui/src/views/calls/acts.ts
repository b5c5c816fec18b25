// What can be done about a call.

import type { Call } from '../../backend/generated/desk';

export interface CallActs {
  callBack: (call: Call) => void;
  /** Opens the conversation, ready to write. */
  text: (call: Call) => void;
  open: (call: Call) => void;
  /** Opens what was left in it, in Voicemail. */
  listen: (call: Call) => void;
  /** Blocks the caller, or no longer does. */
  block: (call: Call) => void;
}

/** Whether the other end can be called and texted. */
export const canBeReached = (call: Pick<Call, 'kind'>) => call.kind === 'number';

/** Whether there is something to hear of it. */
export const canBeHeard = (call: Pick<Call, 'ending'>) => call.ending === 'voicemail';

/** Whether the caller can be told from others, and so be blocked. */
export const canBeBlocked = (call: Call) => call.kind !== 'hidden';
