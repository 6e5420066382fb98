// How the suites speak to their peers: TRIPS WARM_UP as with the C programs, then words of the peer's own, and
// descriptors from 6 on, which is where the launcher puts what it hands on.
import type { RoundSize } from '../c-program.js';

export const firstInheritedFd = 6;

/** A peer that is silent for this long is gone: every wait is cut here. */
export const silenceNs = 5_000_000_000n;

export function readPeerArgv(): { size: RoundSize; words: readonly string[] } {
  const [trips, warmUp, ...words] = process.argv.slice(2);
  const size = { trips: Number(trips), warmUp: Number(warmUp) };
  if (!Number.isInteger(size.trips) || !Number.isInteger(size.warmUp)) {
    throw new RangeError(`arguments TRIPS WARM_UP expected, seen: ${process.argv.slice(2).join(' ')}`);
  }
  return { size, words };
}
