// The threads of one process that block on words of a region, and the board that says on which: the event loop wakes
// them all on every edge, whoever took the hints out of the table. Private to the process, shared between its threads.

/** Workers of one process that sleep on one region at a time and are woken on every edge. */
const placeCount = 64;

/** A fresh board: one word a sleeper, holding the region offset slept on plus 1; 0 is a free place. */
export function createSleepers(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(placeCount * Int32Array.BYTES_PER_ELEMENT));
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
  /**
   * Sleeps once, on the futex of the word; what it returns, if anything, ends the wait. Who is not on the board is woken
   * only by those who take the hint of its word out of the table: it sleeps for no longer than it may miss a wake.
   */
  sleep(isOnBoard: boolean): End | undefined;
}

/**
 * Sleeps until the word has changed. Where the board is full it looks again after each sleep: a thread that was
 * terminated never left its place, and nobody can tell that place from one that is slept on.
 */
export function sleepOnBoard<End>(
  board: Int32Array,
  { offset, hasChanged, sleep }: BlockingSleep<End>,
): 'changed' | End {
  let place: number | undefined;
  try {
    for (;;) {
      // With a place every edge from here on wakes this word: the board is entered before the word is looked at.
      place ??= enterSleeper(board, offset);
      if (hasChanged()) return 'changed';
      const end = sleep(place !== undefined);
      // The word comes before the deadline, however late it is.
      if (end !== undefined) return hasChanged() ? 'changed' : end;
    }
  } finally {
    if (place !== undefined) leaveSleeper(board, place);
  }
}
