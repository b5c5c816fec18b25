// How much of the past is brought in: what a press can add.

import type { History } from '../../../backend/generated/desk';

/** Whether bringing in so many days would do anything: what is here already is not fetched again. */
export const canBring = ({ state, days }: Pick<History, 'state' | 'days'>, wanted: number): boolean =>
  state !== 'none' && wanted > 0 && wanted !== days && (state !== 'done' || wanted > days);
