// Guest half of the framebuffer: presents a buffer with its damage, and hears which frames the host has read. Only
// this side writes the frame record.
import type { GuestDevice, WaitOutcome } from '@vsoc/vsoc/guest';
import { writeRecord } from '@vsoc/vsoc/rings';
import { damageLimit, framebuffer } from './layout.js';
import { type Rect, whole } from './rect.js';

/** What is shown: a gralloc buffer satisfies it. Its pixels must stay as they are until the frame is released. */
export interface FrameSource {
  readonly reference: { readonly epoch: number; readonly entry: number; readonly generation: number };
  readonly widthPx: number;
  readonly heightPx: number;
}

export interface PresentOptions {
  /** Pixels that differ from the frame before; everything when left out or longer than the record's list. */
  readonly damage?: readonly Rect[];
  /** When the first pixel was drawn, on this side's process.hrtime.bigint(). */
  readonly drawnAtNs: bigint;
}

export interface Framebuffer extends Disposable {
  /** Serial that the next present will give. */
  readonly nextSerial: number;
  /** Makes `source` the current frame; returns its serial. */
  present(source: FrameSource, options: PresentOptions): number;
  /** The host half has read this frame, or has passed over it for a later one. */
  isReleased(serial: number): boolean;
  /** Which host half there is; 0 while there never was one. */
  hostGeneration(): number;
  /** Sleeps until the host half releases another frame. */
  untilRelease(options: { deadlineNs: bigint; signal?: AbortSignal }): Promise<WaitOutcome>;
}

/** Rejects with VersionError, ENOENT without such a region. */
export async function openFramebuffer(device: GuestDevice): Promise<Framebuffer> {
  const region = await device.open(framebuffer);
  const { sequence, frame, released, hostGeneration } = region.data;
  // A successor in the same life of the guest goes on counting: a serial never comes twice in a row.
  let nextSerial = (frame.serial + 1) >>> 0;

  return {
    get nextSerial() {
      return nextSerial;
    },
    present(source, { damage, drawnAtNs }) {
      const serial = nextSerial;
      nextSerial = (serial + 1) >>> 0;
      const rects =
        damage && damage.length <= damageLimit ? damage : [whole(source.widthPx, source.heightPx)];
      // SYNC POINT frame-published (release side). Pairs with host.ts frames.
      writeRecord(sequence, () => {
        const { epoch, entry, generation } = source.reference;
        const ageUs = Number((process.hrtime.bigint() - drawnAtNs) / 1000n);
        Object.assign(frame, { serial, epoch, entry, generation, ageUs, damageCount: rects.length });
        for (const [index, rect] of rects.entries()) Object.assign(frame.damage.at(index), rect);
      });
      region.signalPeer(sequence);
      return serial;
    },
    // SYNC POINT frame-released (acquire side). Pairs with host.ts frames.
    isReleased: (serial) => ((released.load() - serial) | 0) >= 0,
    hostGeneration: () => hostGeneration.load(),
    untilRelease: (options) => region.waitWhile(released, released.load(), options),
    [Symbol.dispose]: () => region[Symbol.dispose](),
  };
}
