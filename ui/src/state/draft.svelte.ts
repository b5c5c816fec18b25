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

  /** Stores nothing of it while whom it is for is deleted. Where they stay, calling the answer stores it again. */
  hold(): () => void {
    const { kept } = this;
    this.kept = this.body;
    return () => {
      this.kept = kept;
    };
  }

  /** Forgets it: whom it is for is deleted. */
  drop(): void {
    for (const { preview } of this.pictures) URL.revokeObjectURL(preview);
    this.pictures = [];
    this.body = this.note = this.kept = '';
  }
}
