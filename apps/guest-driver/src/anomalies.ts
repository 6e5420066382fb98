// Says in the log what the driver counts: things that should not happen, and with which the guest goes on all the same.
import type { DriverCounters } from '@vsoc/vsoc/driver';

const lookMs = 1000;

/** Looks once a second; `warn` gets what has grown since the last look, and by how much. Disposed, it looks a last time. */
export function reportAnomalies(
  counters: Readonly<DriverCounters>,
  warn: (grown: Partial<DriverCounters>) => void,
): Disposable {
  const said: Record<string, number> = {};

  function look(): void {
    const grown = Object.entries(counters).filter(([name, count]) => count > (said[name] ?? 0));
    if (grown.length === 0) return;
    warn(Object.fromEntries(grown.map(([name, count]) => [name, count - (said[name] ?? 0)])));
    Object.assign(said, counters);
  }
  const timer = setInterval(look, lookMs);
  timer.unref();
  return {
    [Symbol.dispose]() {
      clearInterval(timer);
      look();
    },
  };
}
