// Guest half of the framebuffer: presents a buffer with its damage, and hears which frames the host has read. Only
// this side writes the frame record.
import { VsocError } from '@vsoc/vsoc';
import type { GuestDevice, WaitOptions, WaitOutcome } from '@vsoc/vsoc/guest';
import { writeRecord } from '@vsoc/vsoc/rings';
import { damageLimit, framebuffer, shownFormat } from './layout.js';
import { checkInside, type Rect, whole } from './rect.js';

/** What is shown: a gralloc buffer satisfies it. Its pixels must stay as they are until the frame is released. */
export interface FrameSource {
  readonly reference: { readonly epoch: number; readonly entry: number; readonly generation: number };
  readonly widthPx: number;
  readonly heightPx: number;
  readonly format: number;
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
  /**
   * Makes `source` the current frame; returns its serial. EINVAL for a format that is not shown, RangeError for damage that
   * does not lie inside it.
   */
  present(source: FrameSource, options: PresentOptions): number;
  /** The host half has read this frame, or has passed over it for a later one. */
  isReleased(serial: number): boolean;
  /** Which host half there is; 0 while there never was one. */
  hostGeneration(): number;
  /** Serial of the last frame that the host half released: to be asked before isReleased, for untilRelease. */
  lastReleased(): number;
  /** Sleeps until the host half has released another frame than `seen`. */
  untilRelease(seen: number, options: WaitOptions): Promise<WaitOutcome>;
}

/** Rejects with VersionError, ENOENT without such a region. */
export async function openFramebuffer(device: GuestDevice): Promise<Framebuffer> {
  const region = await device.open(framebuffer);
  const { sequence, frame, released, hostGeneration } = region.data;
  // A successor in the same life of the guest goes on counting: a serial never comes twice in a row.
  let nextSerial = (frame.serial + 1) >>> 0;
  // What a predecessor showed is not known here: the first frame is new as a whole.
  let isFirst = true;

  return {
    get nextSerial() {
      return nextSerial;
    },
    present(source, { damage, drawnAtNs }) {
      const { epoch, entry, generation } = source.reference;
      if (source.format !== shownFormat)
        throw new VsocError(
          'EINVAL',
          'present',
          `expected format ${shownFormat} (RGBA_8888), saw ${source.format}`,
        );
      const isListed = damage !== undefined && damage.length <= damageLimit && !isFirst;
      const rects = isListed ? damage : [whole(source.widthPx, source.heightPx)];
      // Everything that can be refused is refused here: an error inside the odd sequence would leave it odd.
      for (const rect of rects) checkInside(rect, source.widthPx, source.heightPx);
      const ageUs = ageUsOf(drawnAtNs);
      const serial = nextSerial;
      nextSerial = (serial + 1) >>> 0;
      isFirst = false;
      // SYNC POINT frame-published (release side). Pairs with host.ts frames.
      writeRecord(sequence, () => {
        Object.assign(frame, { serial, epoch, entry, generation, ageUs, damageCount: rects.length });
        for (const [index, rect] of rects.entries()) Object.assign(frame.damage.at(index), rect);
      });
      region.signalPeer(sequence);
      return serial;
    },
    // SYNC POINT frame-released (acquire side). Pairs with host.ts frames.
    isReleased: (serial) => ((released.load() - serial) | 0) >= 0,
    hostGeneration: () => hostGeneration.load(),
    lastReleased: () => released.load(),
    untilRelease: (seen, options) => region.waitWhile(released, seen, options),
    [Symbol.dispose]: () => region[Symbol.dispose](),
  };
}

/** Whole microseconds since `drawnAtNs`, within what the record can hold: a clock in the future counts as now. */
function ageUsOf(drawnAtNs: bigint): number {
  const ageUs = Number((process.hrtime.bigint() - drawnAtNs) / 1000n);
  return Math.min(Math.max(ageUs, 0), 0xffff_ffff);
}
