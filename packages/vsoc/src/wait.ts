// A wait of the event loop on a word, as both sides' regions offer it.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { atDeadline, type Waiter, type Waiters } from './signalling/index.js';

/** `changed`: the word differs from the value waited on. `timed-out`: the deadline passed first. */
export type WaitOutcome = 'changed' | 'timed-out';

export interface WaitOptions {
  /** Absolute, on CLOCK_MONOTONIC, as process.hrtime.bigint() tells it. */
  readonly deadlineNs?: bigint;
  /** Ends the wait: it rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/**
 * Sleeps while the word at `offset` holds `value`, both as 32 bits: what −1 stores, a wait for −1 finds. The word is
 * tested before the deadline counts, when the wait begins and when the deadline passes. A wait that ends at once lets
 * the event loop turn: a peer that never rests must not keep the rest of the process from running.
 */
export async function waitOn(
  waiters: Waiters,
  offset: number,
  value: number,
  options: WaitOptions = {},
): Promise<WaitOutcome> {
  options.signal?.throwIfAborted();
  let slept = false;
  const outcome = await new Promise<WaitOutcome>((resolve, reject) => {
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
      value: value >>> 0,
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
    slept = true;
    signal?.addEventListener('abort', onAbort, { once: true });
    if (deadlineNs === undefined) return;
    deadline = atDeadline(deadlineNs, () => {
      // Changed though nobody said so, or not yet: success however late.
      if (waiters.testOne(waiter) === 'changed') return;
      end();
      resolve('timed-out');
    });
  });
  if (!slept) await nextTurn();
  return outcome;
}

/** `stopped`: the stop word was raised. */
export type BlockingWaitOutcome = WaitOutcome | 'stopped';

export interface BlockingWaitOptions {
  readonly deadlineNs?: bigint;
  /** A blocked thread hears no AbortSignal: its first word, not 0, ends the wait within a slice. */
  readonly stop?: Int32Array;
  /** How often the thread looks up from its sleep, at least; 50 ms when left out. */
  readonly sliceMs?: number;
}

/** A blocked thread cannot be terminated: it looks up this often. */
export const defaultSliceMs = 50;

/** Until when to block next, or why not to block any more. */
export function nextSliceNs(options: BlockingWaitOptions): bigint | 'stopped' | 'timed-out' {
  const { deadlineNs, stop, sliceMs = defaultSliceMs } = options;
  if (stop && Atomics.load(stop, 0) !== 0) return 'stopped';
  const nowNs = process.hrtime.bigint();
  if (deadlineNs !== undefined && nowNs >= deadlineNs) return 'timed-out';
  const endNs = nowNs + BigInt(sliceMs) * 1_000_000n;
  return deadlineNs !== undefined && deadlineNs < endNs ? deadlineNs : endNs;
}
