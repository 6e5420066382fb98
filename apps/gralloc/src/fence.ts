// Fences: the header leaves it to the regions who may touch a buffer's bytes when. Each buffer has two words in the table,
// each a line of points that only grows: on `acquire` who draws says which picture is finished, on `release` who looks says
// which one it is done with. Whoever holds or views the buffer can wait for a point, in any process on either side.
import type { AtomicWord } from '@vsoc/struct';
import type { WaitOptions, WaitOutcome } from '@vsoc/vsoc';

/** `gone`: the buffer was freed, or this holder let go of it. */
export type FenceOutcome = 'reached' | 'timed-out' | 'gone';

export interface Fence {
  /** The last point reached: 0 in a new buffer, then one more each time, modulo 2³². Once `gone`, a later buffer's. */
  readonly point: number;
  /**
   * Reaches the next point, and wakes who waits for it on both sides; returns it. `gone` when this holder let go or the
   * buffer was freed. A guest process keeps its buffer alive; of one that is freed under a host's call the word may be
   * counted up all the same, and a successor that has come exactly as far has that point for nothing.
   */
  advance(): number | 'gone';
  /**
   * Sleeps until `point` or a later one is reached; `gone` comes within a second. The other party may be dead or hostile:
   * without a deadline or a signal this can last as long as the buffer. Of a guest process 64 waits of all kinds can
   * sleep at a time: past them one rejects with EBUSY.
   */
  reached(point: number, options?: WaitOptions): Promise<FenceOutcome>;
}

/** What a fence asks of its region: those of both sides have it. */
interface FenceRegion {
  signal(word: AtomicWord): void;
  waitWhile(word: AtomicWord, value: number, options?: WaitOptions): Promise<WaitOutcome>;
}

/** Whose fence it is. */
export interface FenceHolder {
  /** The buffer is still the one that was imported or resolved. */
  isCurrent(): boolean;
  /** Ends waits at once when a holder lets go. Who holds nothing has none: its buffer can go at any time. */
  readonly letGo?: AbortSignal;
}

export function openFence(region: FenceRegion, word: AtomicWord, holder: FenceHolder): Fence {
  /** Until the word differs, the deadline has passed, the holder lets go, or it is time to look whether it is current. */
  async function sleep(seen: number, { signal, deadlineNs }: WaitOptions): Promise<void> {
    using ending = eitherOf(signal, holder.letGo);
    const wakeAtNs = holder.letGo
      ? deadlineNs
      : earlierOf(deadlineNs, process.hrtime.bigint() + lookIntervalNs);
    try {
      await region.waitWhile(word, seen, {
        ...(wakeAtNs === undefined ? {} : { deadlineNs: wakeAtNs }),
        ...ending,
      });
    } catch (error) {
      if (signal?.aborted || holder.isCurrent()) throw error;
    }
  }

  return {
    get point() {
      return word.load();
    },
    advance() {
      for (let tries = 1; ; tries++) {
        // Read before the look at the buffer, so its own: a successor's word begins anew, and is left alone as it differs.
        const seen = word.load();
        if (!holder.isCurrent()) return 'gone';
        const isLastTry = tries === advanceTries;
        // SYNC POINT buffer-fence (release side). Pairs with fence.ts reached.
        const before = isLastTry ? word.add(1) : word.compareExchange(seen, (seen + 1) >>> 0);
        if (before !== seen && !isLastTry) continue;
        if (!holder.isCurrent()) return 'gone';
        region.signal(word);
        return (before + 1) >>> 0;
      }
    },
    async reached(point, options = {}) {
      for (;;) {
        // SYNC POINT buffer-fence (acquire side). Pairs with fence.ts advance.
        const seen = word.load();
        // Behind it: what was read is this buffer's, not a successor's.
        if (!holder.isCurrent()) return 'gone';
        // Half of all numbers lie ahead of a point, the other half behind it.
        if (((seen - point) | 0) >= 0) return 'reached';
        // A word that somebody changes without end must not outlast the deadline.
        if (isPast(options.deadlineNs)) return 'timed-out';
        await sleep(seen, options);
      }
    },
  };
}

/** Who changes the word without a rest must not keep who advances it for ever: the last try takes it as it is. */
const advanceTries = 16;

/** A buffer that goes is signalled at its owner word, which wakes nobody here: so who holds nothing looks for itself. */
const lookIntervalNs = 1_000_000_000n;

const earlierOf = (one: bigint | undefined, other: bigint): bigint =>
  one !== undefined && one < other ? one : other;

const isPast = (deadlineNs: bigint | undefined): boolean =>
  deadlineNs !== undefined && process.hrtime.bigint() >= deadlineNs;

/** AbortSignal.any would leave an entry with both for as long as they live, wait by wait; here it goes with the wait. */
function eitherOf(
  first: AbortSignal | undefined,
  second: AbortSignal | undefined,
): { readonly signal?: AbortSignal } & Disposable {
  if (!first || !second) {
    const only = first ?? second;
    return { ...(only ? { signal: only } : {}), [Symbol.dispose]() {} };
  }
  const ending = new AbortController();
  const onAbort = () => ending.abort(first.aborted ? first.reason : second.reason);
  for (const one of [first, second]) {
    if (one.aborted) onAbort();
    one.addEventListener('abort', onAbort);
  }
  return {
    signal: ending.signal,
    [Symbol.dispose]() {
      for (const one of [first, second]) one.removeEventListener('abort', onAbort);
    },
  };
}
