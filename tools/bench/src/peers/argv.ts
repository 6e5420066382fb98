// How the suites speak to their peers: TRIPS WARM_UP CPU, then words of the peer's own, and
// descriptors from 6 on, which is where the launcher puts what it hands on.
import type { RoundSize } from '../c-program.js';
import { pin } from '../placement.js';

export const firstInheritedFd = 6;

/** A peer that is silent for this long is gone: every wait is cut here. */
export const silenceNs = 5_000_000_000n;

/** Reads the arguments and moves this process to its CPU. */
export function readPeerArgv(): { size: RoundSize; words: readonly string[] } {
  const [trips, warmUp, cpu, ...words] = process.argv.slice(2);
  const size = { trips: Number(trips), warmUp: Number(warmUp) };
  if (![size.trips, size.warmUp, Number(cpu)].every(Number.isInteger)) {
    throw new RangeError(`arguments TRIPS WARM_UP CPU expected, seen: ${process.argv.slice(2).join(' ')}`);
  }
  pin(process.pid, Number(cpu));
  return { size, words };
}
