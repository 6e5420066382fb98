// The host's part in a guest's test of atomicity: adds to a word while the guest does. In slices, so that no client waits
// behind it, and until both have met often enough for the sum to mean something.
import type { Memory, View } from '@vsoc/struct';
import type { system } from '@vsoc/vsoc/layout';

const sliceAdditions = 10_000;
/** Of slices that the guest's additions met. */
const leastAdditions = 400_000;
/** A slice met the guest's when it added at least so often meanwhile. */
const leastMeetings = 200;
/** Before the next slice when the guest was not there: it may not run, or be slow to begin. */
const pauseMs = 2;
/** A guest that does not add, or hardly, gets its answer all the same. */
const longestTestMs = 2000;

export interface AtomicsPartner extends Disposable {
  /** Begins when a guest has asked. */
  look(): void;
}

export function openAtomicsPartner(
  memory: Pick<Memory, 'words'>,
  words: View<(typeof system)['data']>,
): AtomicsPartner {
  const { atomicsAsked, atomicsAnswered, atomicsAdded, atomicsSum } = words;
  let next: NodeJS.Timeout | undefined;

  /** `additions` are those that met the guest's. */
  function addSlice(test: number, deadlineMs: number, additions: number): void {
    const hasMet = addToSum() >= leastMeetings;
    atomicsAdded.add(sliceAdditions);
    const met = additions + (hasMet ? sliceAdditions : 0);
    if (met < leastAdditions && performance.now() < deadlineMs) {
      next = setTimeout(addSlice, hasMet ? 0 : pauseMs, test, deadlineMs, met);
      return;
    }
    next = undefined;
    // SYNC POINT atomics-answered (release side). Pairs with the guest driver's test.
    atomicsAnswered.store(test);
    look();
  }

  /** Returns how often the guest added meanwhile. */
  function addToSum(): number {
    const before = atomicsSum.load();
    addOnes(memory.words, atomicsSum.offset >>> 2, sliceAdditions);
    return (atomicsSum.load() - before - sliceAdditions) >>> 0;
  }

  function look(): void {
    // SYNC POINT atomics-asked (acquire side). Pairs with the guest driver's test.
    const test = atomicsAsked.load();
    if (next !== undefined || test === atomicsAnswered.load()) return;
    next = setTimeout(addSlice, 0, test, performance.now() + longestTestMs, 0);
  }

  return {
    look,
    [Symbol.dispose]() {
      clearTimeout(next);
    },
  };
}

/** Nothing but the additions, as fast as they go: the closer they follow one another, the more they meet. */
function addOnes(words: Int32Array, index: number, count: number): void {
  for (let done = 0; done < count; done++) Atomics.add(words, index, 1);
}
