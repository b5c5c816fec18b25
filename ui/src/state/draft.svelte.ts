// What is being written to one customer.

import type { Attached } from './pictures';

export class Draft {
  body = $state('');
  /** The note that is being written beside it. */
  note = $state('');
  pictures = $state.raw<Attached[]>([]);
  /** How many more are being read and handed over: without them it is not whole. */
  attaching = $state(0);
  /** How many bytes of them are being handed over. */
  coming = 0;
  /** Pictures that are too large to be sent as they are. */
  tooLarge = $state.raw<File[]>([]);
  /** The words that are stored. */
  kept: string;

  constructor(kept: string) {
    this.body = kept;
    this.kept = kept;
  }

  /** What is too large is not sent. */
  leave(file: File): void {
    this.tooLarge = this.tooLarge.filter((one) => one !== file);
  }

  /** Takes pictures off it: they were sent, or are not to be. */
  remove(gone: Attached[]): void {
    for (const { preview } of gone) URL.revokeObjectURL(preview);
    this.pictures = this.pictures.filter((picture) => !gone.includes(picture));
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
    this.remove(this.pictures);
    this.tooLarge = [];
    this.body = this.note = this.kept = '';
  }
}
