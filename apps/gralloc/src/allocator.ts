// The allocator: finds a free entry and a gap, claims the area and hands the token out. It keeps no copy of a token:
// the last close of its clients frees the area, which it learns from the owner word.
import { DisposableStack } from '@vsoc/native';
import { type ErrorCode, VsocError } from '@vsoc/vsoc';
import type { Description, GuestDevice, GuestRegion } from '@vsoc/vsoc/guest';
import { pageBytes, regionFree } from '@vsoc/vsoc/layout';
import { type Area, placeArea } from './areas.js';
import { isPixelFormat, shapeOf } from './formats.js';
import { entryCount, grallocManager, grallocMemory } from './layout.js';
import type { BufferReference } from './protocol.js';

export interface AllocationRequest {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly format: number;
  readonly usage: number;
}

export type Allocation =
  /** The caller owns the description: it sends the token on and disposes it. */
  | { readonly reference: BufferReference; readonly description: Description }
  | { readonly refused: 'ENOSPC'; readonly largestFreeBytes: number; readonly text: string };

export interface Allocator extends Disposable {
  /** Throws EINVAL for a request that no allocator could meet. */
  allocate(request: AllocationRequest): Promise<Allocation>;
}

/** Claims that may be lost before the allocator gives up: somebody scribbled over owner words. */
const claimAttempts = 8;

export async function openAllocator(device: GuestDevice): Promise<Allocator> {
  using stack = new DisposableStack();
  const manager = stack.use(await device.open(grallocManager));
  const space = await spaceOf(device);
  const entries = [...Array(entryCount).keys()].map((index) => manager.data.entries.at(index));

  /** A free entry and the areas of all others, from the owner words as they are now. */
  function survey(avoid: ReadonlySet<number>): { free: number | undefined; live: Area[] } {
    let free: number | undefined;
    const live: Area[] = [];
    for (const [index, entry] of entries.entries()) {
      if (entry.owner.load() === regionFree && !avoid.has(index)) free ??= index;
      else live.push({ beginOffset: entry.beginOffset, endOffset: entry.endOffset });
    }
    return { free, live };
  }

  async function allocate(request: AllocationRequest): Promise<Allocation> {
    const { widthPx, heightPx, format, usage } = request;
    if (!isPixelFormat(format))
      throw new VsocError('EINVAL', 'allocate', `no pixel format has number ${format}`);
    const { strideBytes, sizeBytes } = checked(() => shapeOf(format, widthPx, heightPx));
    const areaBytes = Math.ceil(sizeBytes / pageBytes) * pageBytes;
    const lost = new Set<number>();
    for (let attempt = 0; attempt < claimAttempts; attempt++) {
      const { free, live } = survey(lost);
      if (free === undefined) return exhausted(0, `all ${entryCount} entries are in use`);
      const placement = placeArea(space, live, areaBytes);
      if (!('area' in placement)) {
        const { largestFreeBytes } = placement;
        return exhausted(largestFreeBytes, `${areaBytes} bytes; the largest gap has ${largestFreeBytes}`);
      }
      const { area } = placement;
      const entry = entries[free] as (typeof entries)[number];
      Object.assign(entry, { ...area, format, widthPx, heightPx, strideBytes, usage });
      const generation = (entry.generation.load() + 1) >>> 0 || 1;
      // SYNC POINT entry-generation (release side). Pairs with host.ts resolve and guest.ts checkEntry.
      entry.generation.store(generation);
      const description = await device.openManaged(grallocMemory);
      const claim = { ...area, ownerOffset: entry.owner.offset, ownedValue: generation };
      if (await claimed(manager, description, claim)) {
        return { reference: { epoch: device.epoch, entry: free, generation }, description };
      }
      description[Symbol.dispose]();
      lost.add(free);
    }
    return exhausted(0, `${claimAttempts} claims were lost: owner words do not say what the driver knows`);
  }

  const owned = stack.move();
  return { allocate, [Symbol.dispose]: () => owned[Symbol.dispose]() };
}

/** False when the claim is lost to a live permission, whatever the owner word said. */
async function claimed(
  manager: GuestRegion,
  managed: Description,
  claim: Parameters<Description['claim']>[1],
): Promise<boolean> {
  try {
    return (await manager.description.claim(managed, claim)) === 'granted';
  } catch (error) {
    if (error instanceof VsocError && error.code === 'EBUSY') return false;
    managed[Symbol.dispose]();
    throw error;
  }
}

/** Where buffers can lie in gralloc_memory. */
async function spaceOf(device: GuestDevice): Promise<Area> {
  using memory = await device.openManaged(grallocMemory);
  const { offsetOfRegionData, regionBeginOffset, regionEndOffset } = await memory.describe();
  return { beginOffset: offsetOfRegionData, endOffset: regionEndOffset - regionBeginOffset };
}

function exhausted(largestFreeBytes: number, text: string): Allocation {
  return { refused: 'ENOSPC' satisfies ErrorCode, largestFreeBytes, text };
}

function checked<T>(shape: () => T): T {
  try {
    return shape();
  } catch (error) {
    throw new VsocError('EINVAL', 'allocate', (error as Error).message);
  }
}
