// Who is to be interrupted when which AbortSignal fires. A loop waits with the same signal again and again: its listener
// stays until another signal comes, since adding and removing one costs more than the rest of a request.

export interface AbortListeners extends Disposable {
  /** `onAbort(id)` is called when `signal` fires before `remove`; at once where it has fired. */
  add(signal: AbortSignal, id: number): void;
  remove(signal: AbortSignal, id: number): void;
}

export function createAbortListeners(onAbort: (id: number) => void): AbortListeners {
  interface Listening {
    readonly ids: Set<number>;
    readonly listener: () => void;
  }
  const listening = new Map<AbortSignal, Listening>();

  function listenTo(signal: AbortSignal): Listening {
    for (const [other, { ids }] of listening) if (ids.size === 0) stop(other);
    const ids = new Set<number>();
    const listener = () => {
      for (const id of ids) onAbort(id);
    };
    signal.addEventListener('abort', listener, { once: true });
    const entry = { ids, listener };
    listening.set(signal, entry);
    return entry;
  }

  function stop(signal: AbortSignal): void {
    const entry = listening.get(signal);
    if (entry) signal.removeEventListener('abort', entry.listener);
    listening.delete(signal);
  }

  return {
    add(signal, id) {
      if (signal.aborted) onAbort(id);
      else (listening.get(signal) ?? listenTo(signal)).ids.add(id);
    },
    remove: (signal, id) => void listening.get(signal)?.ids.delete(id),
    [Symbol.dispose]() {
      for (const signal of [...listening.keys()]) stop(signal);
    },
  };
}
