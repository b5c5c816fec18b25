// What is being written to one customer.

import type { Attached } from './pictures';

export class Draft {
  body = $state('');
  /** The note that is being written beside it. */
  note = $state('');
  pictures = $state.raw<Attached[]>([]);
  /** The words that are stored. */
  kept: string;

  constructor(kept: string) {
    this.body = kept;
    this.kept = kept;
  }
}
