// Which words the workers of this process sleep on: the event loop wakes them all on every edge, whoever took the
// hints out of the table. Private to the process, shared between its threads.

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
