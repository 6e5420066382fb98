// Which life of the guest runs now, as a host process hears of it. Region 0 keeps the number of a life whose guest was
// killed; that it is gone is told by the server alone.
import { listenForAbort } from '../abort.js';

export interface GuestEpochs {
  /** A notice of the server. */
  tell(epoch: number): void;
  /** Nobody tells any more: those who follow end with `reason`. */
  end(reason: Error): void;
  /** Throws the reason of `signal`, or of the end. */
  follow(options: { signal: AbortSignal }): AsyncIterable<number>;
}

/** `atFirst` says which epoch holds until the first notice. */
export function createGuestEpochs(atFirst: () => number): GuestEpochs {
  let told: number | undefined;
  let ended: Error | undefined;
  const waiting = new Set<() => void>();

  function wakeAll(): void {
    for (const wake of [...waiting]) wake();
  }

  function untilWoken(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const aborting = listenForAbort(signal, wake);
      function wake(): void {
        aborting[Symbol.dispose]();
        waiting.delete(wake);
        resolve();
      }
      waiting.add(wake);
    });
  }

  return {
    tell(epoch) {
      told = epoch;
      wakeAll();
    },
    end(reason) {
      ended ??= reason;
      wakeAll();
    },
    async *follow({ signal }) {
      let last: number | undefined;
      for (;;) {
        signal.throwIfAborted();
        if (ended) throw ended;
        const epoch = told ?? atFirst();
        if (epoch === last) {
          await untilWoken(signal);
          continue;
        }
        last = epoch;
        yield epoch;
      }
    },
  };
}
