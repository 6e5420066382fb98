// Paces by the clock: moments at a fixed distance from the first, and those that were missed are passed over.
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';

/** Yields at each of the moments; `periodMs` tells the distance to the next, so that it may vary. */
export async function* paced(
  periodMs: (count: number) => number,
  signal: AbortSignal,
): AsyncGenerator<number> {
  let dueAtMs = performance.now();
  for (let count = 0; !signal.aborted; count++) {
    yield count;
    dueAtMs += periodMs(count);
    const leftMs = dueAtMs - performance.now();
    if (leftMs > 0) {
      await sleep(leftMs, undefined, { signal });
      continue;
    }
    // Too late: do not try to catch up with a burst, and let the event loop have its turn all the same.
    dueAtMs = performance.now();
    await nextTurn(undefined, { signal });
  }
}
