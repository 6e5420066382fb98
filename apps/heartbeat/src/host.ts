// Host half of the heartbeat: hears each beat and says so in a word of its own. Only this side writes `heard`.
import type { HostDevice } from '@vsoc/vsoc/host';
import { heartbeat } from './layout.js';

export interface Beat {
  /** Which life of the guest it came from. */
  readonly epoch: number;
  readonly beat: number;
}

export interface HeartbeatHost extends Disposable {
  /** The newest beat whenever there is a new one, heard by the time it comes out. A slow reader misses those between. */
  beats(options: { signal: AbortSignal }): AsyncIterable<Beat>;
}

/** Rejects with VersionError, or with ENOENT where the window has no such region. */
export async function openHeartbeatHost(device: HostDevice): Promise<HeartbeatHost> {
  const region = await device.open(heartbeat);
  const { beats, heard } = region.data;

  return {
    async *beats({ signal }) {
      // What a former host half heard is not heard again; what came after it was gone is.
      let last = heard.load();
      for (;;) {
        // SYNC POINT beat-published (acquire side). Pairs with guest.ts beat.
        const beat = beats.load();
        if (beat !== last) {
          last = beat;
          // SYNC POINT beat-heard (release side). Pairs with guest.ts untilHeard.
          heard.store(beat);
          region.signalPeer(heard);
          yield { epoch: device.guestEpoch(), beat };
        }
        await region.waitWhile(beats, beat, { signal });
      }
    },
    [Symbol.dispose]: () => region[Symbol.dispose](),
  };
}
