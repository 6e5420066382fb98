// For tests: the same random numbers in two processes that know one seed.

/** xorshift32: 0 ≤ value < `end`, an integer. */
export function randomOf(seed: number): (end: number) => number {
  let state = (seed ^ 0x9e37_79b9) | 1;
  return (end) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % end;
  };
}
