// Sleeping on a ring. The sleeper writes what it waits for into its word, tests again, and only then sleeps on that
// same word; the peer publishes a cursor, looks at the word, clears it and signals. Either the test sees the cursor, or
// the peer sees the word: no wake-up is lost, no signal is sent to who is awake, and one at most for each sleep.
import type { AtomicWord } from '@vsoc/struct';
import type { WaitOptions } from '../wait.js';
import { checkCount, type Ring } from './ring.js';

export type SleepOutcome = 'ready' | 'timed-out';

export interface SleepOptions extends WaitOptions {
  /** How much must be there; the least that can be when left out. */
  readonly byteCount?: number;
}

export interface Sleeper {
  /** `dataWanted` of the consumer, `spaceWanted` of the producer. */
  readonly word: AtomicWord;
  isReady(byteCount: number): boolean;
  /** Called when nobody woke the sleeper although it was ready. */
  onHeal(): void;
}

/** So often in a row a sleep may end at once before the event loop gets a turn: no peer shall have all of it. */
const sleeplessPerTurn = 64;

/** Wakes the peer if it sleeps and `byteCount` is enough for it; call it after the cursor was published. */
export function wake({ region }: Ring, word: AtomicWord, byteCount: number): void {
  // SYNC POINT ring-sleep (acquire side). Pairs with openSleep below.
  const wanted = word.load();
  if (wanted === 0 || byteCount < wanted) return;
  word.store(0);
  region.signalPeer(word);
}

/** What it returns sleeps until ready or the deadline; rejects with the signal's reason, or when the region closes. */
export function openSleep(ring: Ring, { word, isReady, onHeal }: Sleeper) {
  const { region, recheckMs } = ring;
  let sleepless = 0;

  return async function sleep(byteCount: number, options: WaitOptions): Promise<SleepOutcome> {
    checkCount(ring, 'sleep', byteCount);
    const { deadlineNs, signal } = options;
    for (;;) {
      signal?.throwIfAborted();
      if (++sleepless % sleeplessPerTurn === 0) await new Promise(setImmediate);
      if (isReady(byteCount)) break;
      if (deadlineNs !== undefined && process.hrtime.bigint() >= deadlineNs) return 'timed-out';
      // SYNC POINT ring-sleep (release side). Pairs with wake above.
      word.store(byteCount);
      if (isReady(byteCount)) break;
      const lapNs = recheckNs(recheckMs, deadlineNs);
      const outcome = await region.waitWhile(word, byteCount, {
        ...(lapNs === undefined ? {} : { deadlineNs: lapNs }),
        ...(signal ? { signal } : {}),
      });
      // A word that the peer has cleared by now is a wake-up on its way.
      if (outcome === 'timed-out' && word.load() === byteCount && isReady(byteCount)) onHeal();
    }
    // A sleep that is cut short leaves it set: it costs the peer one signal in vain.
    word.store(0);
    return 'ready';
  };
}

/** When to look again; undefined: not before the peer says so. */
function recheckNs(recheckMs: number, deadlineNs: bigint | undefined): bigint | undefined {
  if (recheckMs === Number.POSITIVE_INFINITY) return deadlineNs;
  const nextNs = process.hrtime.bigint() + BigInt(Math.ceil(recheckMs * 1e6));
  return deadlineNs !== undefined && deadlineNs < nextNs ? deadlineNs : nextNs;
}
