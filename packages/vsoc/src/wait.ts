// A wait of the event loop on a word, as both sides' regions offer it.
import { atDeadline, type Waiter, type Waiters } from './signalling/index.js';

/** `changed`: the word differs from the value waited on. `timed-out`: the deadline passed first. */
export type WaitOutcome = 'changed' | 'timed-out';

export interface WaitOptions {
  /** Absolute, on CLOCK_MONOTONIC, as process.hrtime.bigint() tells it. */
  readonly deadlineNs?: bigint;
  /** Ends the wait: it rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** Sleeps while the word at `offset` holds `value`; the word is tested before deadline and signal are. */
export function waitOn(
  waiters: Waiters,
  offset: number,
  value: number,
  options: WaitOptions = {},
): Promise<WaitOutcome> {
  return new Promise((resolve, reject) => {
    const { deadlineNs, signal } = options;
    let deadline: Disposable | undefined;
    let ended = false;
    const end = () => {
      ended = true;
      deadline?.[Symbol.dispose]();
      signal?.removeEventListener('abort', onAbort);
      waiters.remove(waiter);
    };
    const onAbort = () => {
      end();
      reject(signal?.reason);
    };
    const waiter: Waiter = {
      offset,
      value,
      wakes: 0,
      onChanged() {
        end();
        resolve('changed');
      },
      onClosed(error) {
        end();
        reject(error);
      },
    };
    waiters.add(waiter);
    if (ended) return;
    if (signal?.aborted) return onAbort();
    signal?.addEventListener('abort', onAbort, { once: true });
    if (deadlineNs === undefined) return;
    deadline = atDeadline(deadlineNs, () => {
      end();
      resolve('timed-out');
    });
  });
}
