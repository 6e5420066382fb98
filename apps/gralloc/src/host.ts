// Host half of gralloc: turns a buffer reference from the guest into checked bytes. Everything in the table can change
// while it is read; each number is read once, checked, then used.
import { DisposableStack } from '@vsoc/native';
import { VsocError } from '@vsoc/vsoc';
import type { HostDevice } from '@vsoc/vsoc/host';
import { regionFree } from '@vsoc/vsoc/layout';
import { type Fence, openFence } from './fence.js';
import { type Plane, type PlaneShape, planesOf, shapeOfRow } from './formats.js';
import { grallocManager, grallocMemory, isEntry } from './layout.js';
import { type BufferReference, nameOf } from './protocol.js';
import { isForHost } from './usage.js';

/** A buffer as the table said when it was resolved; the guest can free it at any time. */
export interface ResolvedBuffer {
  readonly widthPx: number;
  readonly heightPx: number;
  /** Of the first plane. */
  readonly strideBytes: number;
  readonly format: number;
  readonly usage: number;
  /** Where its planes lie. */
  readonly layout: readonly PlaneShape[];
  /** Of all planes. */
  readonly sizeBytes: number;
  /**
   * All its planes, straight from the window: to be copied out at once, then checked by isCurrent. Throws ESTALE once the
   * buffer is gone; an array that was kept does not, and what is written there is the area's next owner's.
   */
  bytes(): Uint8Array;
  /** The same, plane by plane. */
  planes(): readonly Plane[];
  /** Still the same buffer of the same owner: what was copied before this call was its picture. */
  isCurrent(): boolean;
  /** Advanced by who draws. */
  readonly acquire: Fence;
  /** Advanced by who looks. */
  readonly release: Fence;
}

export interface HostStatistics {
  resolved: number;
  /** The buffer is gone, or another one has its entry. */
  stale: number;
  /** No entry has this number, or what it says does not agree. */
  malformed: number;
  /** Its usage does not let a host half see it. */
  refused: number;
}

export interface GrallocHost extends Disposable {
  /** Undefined, and counted, for a reference that is stale, makes no sense, or is not for the host. */
  resolve(reference: BufferReference): ResolvedBuffer | undefined;
  readonly counters: Readonly<HostStatistics>;
}

export async function openGrallocHost(host: HostDevice): Promise<GrallocHost> {
  using stack = new DisposableStack();
  const manager = stack.use(await host.open(grallocManager));
  const memory = stack.use(await host.open(grallocMemory));
  const { dataOffset, beginOffset: memoryBegin, endOffset: memoryEnd } = memory.layout;
  const memoryBytes = memoryEnd - memoryBegin;
  const counters: HostStatistics = { resolved: 0, stale: 0, malformed: 0, refused: 0 };

  function resolve(reference: BufferReference): ResolvedBuffer | keyof HostStatistics {
    // Read once: what the caller does to its object later changes nothing here.
    const { epoch, entry: index, generation } = reference;
    if (!isEntry(index)) return 'malformed';
    const entry = manager.data.entries.at(index);
    // SYNC POINT buffer-owned (acquire side). Pairs with the guest driver's grant.
    // SYNC POINT entry-generation (acquire side). Pairs with table.ts enter.
    const isCurrent = () =>
      generation !== regionFree &&
      host.guestEpoch() === epoch &&
      entry.generation.load() === generation &&
      entry.owner.load() === generation;
    // Before: the row is not a predecessor's. After: it is not a successor's.
    if (!isCurrent()) return 'stale';
    const { beginOffset, endOffset, format, widthPx, heightPx, strideBytes, usage } = entry;
    if (!isCurrent()) return 'stale';
    const areaFits = beginOffset >= dataOffset && beginOffset < endOffset && endOffset <= memoryBytes;
    const row = { format, widthPx, heightPx, strideBytes };
    const shape = areaFits ? shapeOfRow(row, endOffset - beginOffset) : undefined;
    if (!shape) return 'malformed';
    if (!isForHost(usage)) return 'refused';
    const bytes = () => {
      if (isCurrent()) return memory.bytes(beginOffset, beginOffset + shape.sizeBytes);
      const seen = `epoch ${host.guestEpoch()}, generation ${entry.generation.load()}, owner word ${entry.owner.load()}`;
      throw new VsocError(
        'ESTALE',
        'map',
        `${nameOf({ epoch, entry: index, generation })} (epoch ${epoch}) is gone: saw ${seen}`,
      );
    };
    return {
      ...row,
      usage,
      layout: shape.planes,
      sizeBytes: shape.sizeBytes,
      bytes,
      planes: () => planesOf(shape, bytes()),
      isCurrent,
      acquire: openFence(manager, entry.acquire, { isCurrent }),
      release: openFence(manager, entry.release, { isCurrent }),
    };
  }

  const owned = stack.move();
  return {
    counters,
    resolve(reference) {
      const outcome = resolve(reference);
      if (typeof outcome === 'string') {
        counters[outcome]++;
        return undefined;
      }
      counters.resolved++;
      return outcome;
    },
    [Symbol.dispose]: () => owned[Symbol.dispose](),
  };
}
