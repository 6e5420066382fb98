// Host half of gralloc: turns a buffer reference from the guest into checked bytes. Everything in the table can change
// while it is read; each number is read once, checked, then used.
import { DisposableStack } from '@vsoc/native';
import type { HostDevice } from '@vsoc/vsoc/host';
import { regionFree } from '@vsoc/vsoc/layout';
import { isPixelFormat, maxSidePx, shapeOf } from './formats.js';
import { entryCount, grallocManager, grallocMemory } from './layout.js';
import type { BufferReference } from './protocol.js';

/** A buffer as the table said when it was resolved; the guest can free it at any time. */
export interface ResolvedBuffer {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly strideBytes: number;
  readonly format: number;
  /** Its lines, straight from the window: to be copied out at once, then checked by isCurrent. */
  bytes(): Uint8Array;
  /** Still the same buffer of the same owner: what was copied before this call was its picture. */
  isCurrent(): boolean;
}

export interface GrallocHost extends Disposable {
  /** Undefined, and counted, for a reference that is stale or makes no sense. */
  resolve(reference: BufferReference): ResolvedBuffer | undefined;
  readonly counters: Readonly<{ stale: number; malformed: number }>;
}

export async function openGrallocHost(host: HostDevice): Promise<GrallocHost> {
  using stack = new DisposableStack();
  const manager = stack.use(await host.open(grallocManager));
  const memory = stack.use(await host.open(grallocMemory));
  const memoryBytes = memory.layout.endOffset - memory.layout.beginOffset;
  const counters = { stale: 0, malformed: 0 };

  const owned = stack.move();
  return {
    counters,
    resolve(reference) {
      if (reference.entry >= entryCount) {
        counters.malformed++;
        return undefined;
      }
      const entry = manager.data.entries.at(reference.entry);
      // SYNC POINT buffer-owned (acquire side). Pairs with the guest driver's grant.
      // SYNC POINT entry-generation (acquire side). Pairs with allocator.ts allocate.
      const isCurrent = () =>
        reference.generation !== regionFree &&
        host.guestEpoch() === reference.epoch &&
        entry.generation.load() === reference.generation &&
        entry.owner.load() === reference.generation;
      const { beginOffset, endOffset, format, widthPx, heightPx, strideBytes } = entry;
      if (!isCurrent()) {
        counters.stale++;
        return undefined;
      }
      const { dataOffset } = memory.layout;
      const sidesFit = widthPx >= 1 && widthPx <= maxSidePx && heightPx >= 1 && heightPx <= maxSidePx;
      const areaFits = beginOffset >= dataOffset && beginOffset < endOffset && endOffset <= memoryBytes;
      if (!sidesFit || !areaFits || !isPixelFormat(format)) {
        counters.malformed++;
        return undefined;
      }
      const sizeBytes = strideBytes * heightPx;
      if (strideBytes < shapeOf(format, widthPx, 1).strideBytes || sizeBytes > endOffset - beginOffset) {
        counters.malformed++;
        return undefined;
      }
      return {
        widthPx,
        heightPx,
        strideBytes,
        format,
        bytes: () => memory.bytes(beginOffset, beginOffset + sizeBytes),
        isCurrent,
      };
    },
    [Symbol.dispose]: () => owned[Symbol.dispose](),
  };
}
