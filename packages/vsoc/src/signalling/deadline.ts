// Absolute CLOCK_MONOTONIC deadlines on Node's millisecond timers: never early, re-armed where a timer was.

/** Calls back once `deadlineNs` (process.hrtime.bigint() clock) has passed, at once when it is past already. */
export function atDeadline(deadlineNs: bigint, callback: () => void): Disposable {
  // setTimeout counts to 2³¹ − 1 ms; longer waits are cut into laps.
  const longestLapMs = 2 ** 31 - 1;
  let timer: NodeJS.Timeout;
  const arm = () => {
    const leftNs = deadlineNs - process.hrtime.bigint();
    if (leftNs <= 0n) {
      callback();
      return;
    }
    const leftMs = Number((leftNs + 999_999n) / 1_000_000n);
    timer = setTimeout(arm, Math.min(leftMs, longestLapMs));
  };
  timer = setTimeout(arm, 0);
  return { [Symbol.dispose]: () => clearTimeout(timer) };
}
