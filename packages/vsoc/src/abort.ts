// An AbortSignal heard for as long as something is under way.

/** Calls back when `signal` fires before the answer is disposed; the caller has looked at signal.aborted before. */
export function listenForAbort(
  signal: AbortSignal | undefined,
  onAbort: (reason: Error) => void,
): Disposable {
  const listener = () => onAbort(signal?.reason);
  signal?.addEventListener('abort', listener, { once: true });
  return { [Symbol.dispose]: () => signal?.removeEventListener('abort', listener) };
}

/** The last options bag of what can be cancelled. */
export interface AbortOptions {
  /** Rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}
