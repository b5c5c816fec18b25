// Replacing the account's token: what can be done next, as it is.

import type { Desktop, TokenState } from '../../../backend/backend';

export type TokenAct = Parameters<Desktop['rotateToken']>[0];

/** Whether a step writes the token anew where it is kept. */
export const seals = (act: TokenAct) => act !== 'cancel';

/** The next step first, then the way back. What Twilio signs with the new one cannot be taken back. */
export function tokenActs(state: TokenState['state']): TokenAct[] {
  switch (state) {
    case 'one':
      return ['begin'];
    case 'two':
      return ['switch', 'cancel'];
    case 'switched':
      return ['retire'];
  }
}
