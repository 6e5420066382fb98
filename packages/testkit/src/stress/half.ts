// One side's part of a stress run, the same for both sides: raises its words in bursts, and does not go on before the
// other side has told that it saw each; says at the same time what it sees itself. Nobody signals again after the last
// raise of a burst: a lost wake-up is a burst that never ends.
import type { AtomicWord } from '@vsoc/struct';
import type { SeededRandom } from '../seeded-random.js';

export type Words = readonly AtomicWord[];

/** What HostRegion and GuestRegion have in common. */
export interface StressRegion {
  signalPeer(word: AtomicWord): void;
  waitWhile(word: AtomicWord, value: number, options?: { signal: AbortSignal }): Promise<unknown>;
}

export interface Posting {
  readonly region: StressRegion;
  readonly words: Words;
  /** What each watcher of the other side has seen of them. */
  readonly seen: readonly Words[];
  readonly posts: number;
  readonly random: SeededRandom;
  readonly signal: AbortSignal;
  /** Called whenever something went on. */
  onProgress(): void;
}

const mostPauseUs = 2000;
const mostBurst = 400;
/** A wake-up takes tens of microseconds on a quiet machine, and milliseconds on a busy one: all scales alike. */
const mostSpinUs = 2000;

/** Half of the bursts are of one to three signals, where a lost one cannot hide behind its neighbours. */
function burstSize(random: SeededRandom): number {
  return random.below(2) === 0 ? 1 + random.below(3) : 1 + random.below(mostBurst);
}

/** Resolves with the number of bursts once all are seen. */
export async function postInBursts(posting: Posting): Promise<number> {
  const { posts, random, signal } = posting;
  let bursts = 0;
  for (let posted = 0; posted < posts; bursts++) {
    const size = Math.min(burstSize(random), posts - posted);
    await postBurst(posting, size);
    posted += size;
    await untilSeen(posting);
    posting.onProgress();
    await pause(random.below(mostPauseUs + 1), signal);
  }
  return bursts;
}

async function postBurst({ region, words, random }: Posting, size: number): Promise<void> {
  // Some stop half-way for a turn of the loop: the receiver drains into them.
  const rest = random.below(4) === 0 ? random.below(size) : -1;
  for (let post = 0; post < size; post++) {
    // The last signal, which nobody else's follows, comes about when the receiver deals with the first ones.
    if (post > 0 && post === size - 1) spin(mostSpinUs ** random.next());
    const word = random.pick(words);
    word.store((word.load() + 1) >>> 0);
    region.signalPeer(word);
    if (post === rest) await new Promise(setImmediate);
  }
}

function spin(us: number): void {
  const untilMs = performance.now() + us / 1000;
  while (performance.now() < untilMs) {
    /* the next operation is at most so far from the one before */
  }
}

async function untilSeen({ region, words, seen, signal }: Posting): Promise<void> {
  for (const told of seen) {
    for (const [index, word] of words.entries()) {
      const its = told[index] as AtomicWord;
      for (let value = its.load(); value !== word.load(); value = its.load()) {
        await region.waitWhile(its, value, { signal });
      }
    }
  }
}

/** Timers count in milliseconds: what is left of one is turns of the loop. */
async function pause(us: number, signal: AbortSignal): Promise<void> {
  const untilMs = performance.now() + us / 1000;
  if (us >= 1000) await new Promise((resolve) => setTimeout(resolve, 1));
  while (performance.now() < untilMs && !signal.aborted) await new Promise(setImmediate);
}

export interface Watching {
  readonly region: StressRegion;
  readonly words: Words;
  /** Where it is told what was seen. */
  readonly told: Words;
  readonly signal: AbortSignal;
  onProgress(): void;
}

/** Waits for every change of every word in the event loop, until the signal aborts. */
export async function watchInLoop({ region, words, told, signal, onProgress }: Watching): Promise<void> {
  async function watchWord(word: AtomicWord, tell: AtomicWord): Promise<void> {
    for (;;) {
      const value = word.load();
      if (tell.load() !== value) {
        tell.store(value);
        region.signalPeer(tell);
      }
      onProgress();
      await region.waitWhile(word, value, { signal });
    }
  }
  await Promise.all(words.map((word, index) => watchWord(word, told[index] as AtomicWord)));
}
