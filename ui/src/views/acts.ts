// What the search for anything can do.

export interface Act {
  said: string;
  /** Other words it is found by. */
  also?: string;
  keys?: string;
  act: () => void;
}
