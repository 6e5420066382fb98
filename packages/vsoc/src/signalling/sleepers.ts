// The threads of one process that block on words of a region, and the board that says on which: the event loop wakes
// them all on every edge, whoever took the hints out of the table. Private to the process, shared between its threads.

/** Workers of one process that may sleep on one region at a time. */
export const sleeperLimit = 64;

/** A fresh board: one word a sleeper, holding the region offset slept on plus 1; 0 is a free place. */
export function createSleepers(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(sleeperLimit * Int32Array.BYTES_PER_ELEMENT));
}

/** Takes a place; undefined when all are taken. */
export function enterSleeper(board: Int32Array, offset: number): number | undefined {
  for (let place = 0; place < board.length; place++) {
    if (Atomics.compareExchange(board, place, 0, offset + 1) === 0) return place;
  }
  return undefined;
}

export function leaveSleeper(board: Int32Array, place: number): void {
  Atomics.store(board, place, 0);
}

/** The offsets slept on now. */
export function* sleptOn(board: Int32Array): Generator<number> {
  for (let place = 0; place < board.length; place++) {
    const entry = Atomics.load(board, place);
    if (entry !== 0) yield entry - 1;
  }
}

export interface BlockingSleep<End> {
  /** Region offset of the word slept on. */
  readonly offset: number;
  hasChanged(): boolean;
  /** Sleeps once, on the futex of the word; what it returns, if anything, ends the wait. */
  sleep(): End | undefined;
}

/** Sleeps until the word has changed. `crowded`: the board is full. */
export function sleepOnBoard<End>(
  board: Int32Array,
  { offset, hasChanged, sleep }: BlockingSleep<End>,
): 'changed' | 'crowded' | End {
  const place = enterSleeper(board, offset);
  if (place === undefined) return 'crowded';
  try {
    // From here on every edge wakes this word: the board was entered before the word is looked at.
    for (;;) {
      if (hasChanged()) return 'changed';
      const end = sleep();
      if (end !== undefined) return end;
    }
  } finally {
    leaveSleeper(board, place);
  }
}
