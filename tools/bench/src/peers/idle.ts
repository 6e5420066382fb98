// How a peer spins for another process: without a bound of its own, but not longer than its launcher lives or than a
// peer may be silent. The clock is read so seldom that it costs the thing that is measured nothing.
import { silenceNs } from './argv.js';

const turnsPerLook = 0x100_0000;

/** Call `turn` each time that there was nothing to do, `busy` when there was. */
export function createIdle(): { turn(): void; busy(): void } {
  const launcherPid = process.ppid;
  let turns = 0;
  let sinceNs = 0n;
  return {
    turn() {
      if (++turns % turnsPerLook !== 0) return;
      if (process.ppid !== launcherPid) process.exit(1); // nobody is left to tell
      const nowNs = process.hrtime.bigint();
      if (sinceNs === 0n) sinceNs = nowNs;
      if (nowNs - sinceNs > silenceNs) throw new Error('the peer is silent');
    },
    busy() {
      turns = 0;
      sinceNs = 0n;
    },
  };
}
