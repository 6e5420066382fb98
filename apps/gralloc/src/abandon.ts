// A promise that its caller may stop waiting for, by an AbortSignal. Allocator and guest driver answer all the same, later
// or never: what comes then has no owner any more, and is let go of at once.

/** What `pending` brings, or the reason of `signal` if that fires first; then `letGo` gets what comes too late. */
export function orAborted<T>(
  pending: Promise<T>,
  signal: AbortSignal | undefined,
  letGo: (late: T) => void,
): Promise<T> {
  if (!signal) return pending;
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    const settle = (action: () => void) => {
      signal.removeEventListener('abort', onAbort);
      action();
    };
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    pending.then(
      (value) => settle(() => (signal.aborted ? letGo(value) : resolve(value))),
      (error) => settle(() => reject(error)),
    );
  });
}
