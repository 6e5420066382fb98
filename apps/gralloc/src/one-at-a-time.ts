// A queue for work that must not overlap, in the order in which it was asked for.

/** Rejects with the signal's reason, at once, while the work has not begun; what has begun goes on to its end. */
export type OneAtATime = <T>(work: () => Promise<T>, signal?: AbortSignal) => Promise<T>;

export function oneAtATime(): OneAtATime {
  const waiting = new Set<() => void>();
  let isBusy = false;

  function turn(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        waiting.delete(begin);
        reject(signal?.reason);
      };
      const begin = () => {
        signal?.removeEventListener('abort', leave);
        resolve();
      };
      waiting.add(begin);
      signal?.addEventListener('abort', leave, { once: true });
    });
  }

  return async (work, signal) => {
    signal?.throwIfAborted();
    if (isBusy) await turn(signal);
    isBusy = true;
    try {
      return await work();
    } finally {
      const [next] = waiting;
      if (next) waiting.delete(next);
      isBusy = next !== undefined;
      next?.();
    }
  };
}
