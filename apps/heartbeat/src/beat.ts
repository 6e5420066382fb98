// Beats are counted in 32 bits that wrap: after 4294967295 comes 0, and it is the later one.

/** `count` is `beat` or one of the 2³¹ − 1 beats after it. */
export function hasReached(count: number, beat: number): boolean {
  return ((count - beat) | 0) >= 0;
}
