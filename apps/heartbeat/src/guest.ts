// Guest half of the heartbeat: raises one word and tells the host, which answers in another. Only this side writes
// `beats`.
import type { GuestDevice } from '@vsoc/vsoc/guest';
import { hasReached } from './beat.js';
import { heartbeat } from './layout.js';

export interface Heartbeat extends Disposable {
  /** Beats once; returns which beat it was. */
  beat(): number;
  /** Sleeps until the host half has heard this beat, or a later one. */
  untilHeard(beat: number, options: UntilHeardOptions): Promise<'heard' | 'timed-out'>;
}

export interface UntilHeardOptions {
  /** Absolute, on process.hrtime.bigint(). Not optional: there may be no host half, or one that never answers. */
  readonly deadlineNs: bigint;
  readonly signal?: AbortSignal;
}

/** Rejects with VersionError, or with ENOENT where the window has no such region. */
export async function openHeartbeat(device: GuestDevice): Promise<Heartbeat> {
  const region = await device.open(heartbeat);
  const { beats, heard } = region.data;

  return {
    beat() {
      // SYNC POINT beat-published (release side). Pairs with host.ts beats.
      const before = beats.add(1);
      region.signalPeer(beats);
      return (before + 1) >>> 0;
    },
    async untilHeard(beat, options) {
      for (;;) {
        // SYNC POINT beat-heard (acquire side). Pairs with host.ts beats.
        const count = heard.load();
        if (hasReached(count, beat)) return 'heard';
        // Looked at here as well: a host that never rests ends each wait before its deadline counts.
        if (process.hrtime.bigint() >= options.deadlineNs) return 'timed-out';
        await region.waitWhile(heard, count, options);
      }
    },
    [Symbol.dispose]: () => region[Symbol.dispose](),
  };
}
