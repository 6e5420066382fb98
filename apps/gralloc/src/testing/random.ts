// Random for programs that a test starts: the test draws the seed and prints it, so a run can be had again.

export interface Random {
  /** 0 ≤ value < end, an integer. */
  below(end: number): number;
  pick<T>(from: readonly T[]): T;
}

/** mulberry32 (public domain), as in the testkit, which programs of an app do not import. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  function below(end: number): number {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * end);
  }
  return {
    below,
    pick(from) {
      if (from.length === 0) throw new RangeError('pick: expected at least one element, got none');
      return from[below(from.length)] as (typeof from)[number];
    },
  };
}
