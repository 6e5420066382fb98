// Random that can be had again: prints its seed, and takes one from VSOC_SEED.

export interface SeededRandom {
  readonly seed: number;
  /** 0 ≤ value < 1. */
  next(): number;
  /** 0 ≤ value < end, an integer. */
  below(end: number): number;
  pick<T>(from: readonly T[]): T;
}

export function seededRandom(what: string, seed: number = chosenSeed()): SeededRandom {
  process.stderr.write(`${what}: VSOC_SEED=${seed}\n`);
  let state = seed >>> 0;
  /** mulberry32 (public domain): 32 bits of state are plenty for choosing test cases. */
  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
  const below = (end: number) => Math.floor(next() * end);
  return {
    seed,
    next,
    below,
    pick(from) {
      if (from.length === 0) throw new RangeError('pick: expected at least one element, got none');
      return from[below(from.length)] as (typeof from)[number];
    },
  };
}

function chosenSeed(): number {
  const text = process.env.VSOC_SEED;
  if (text === undefined) return Math.floor(Math.random() * 2 ** 32);
  const seed = Number(text);
  if (!Number.isInteger(seed)) throw new Error(`VSOC_SEED=${text}: expected an integer`);
  return seed;
}
