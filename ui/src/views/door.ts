// The ways from an office back to the first page. Only the program's own window has them.

export interface Door {
  /** Goes back to the first page; everything stays. */
  leave: () => void;
  /** Asks before the account is connected anew. */
  anew: () => void;
  /** Disconnects the account and forgets its token. Rejects with what was refused. */
  disconnect: () => Promise<void>;
}
