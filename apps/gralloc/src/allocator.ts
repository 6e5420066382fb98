// The allocator: finds a free entry and a free run within the client's budget, claims the area and hands the token out.
// It keeps no copy of a token: the last close of its clients frees the area, which it learns from the owner word.
import { DisposableStack } from '@vsoc/native';
import { VsocError } from '@vsoc/vsoc';
import type { Claim, Description, GuestDevice, GuestRegion } from '@vsoc/vsoc/guest';
import { pageBytes } from '@vsoc/vsoc/layout';
import { type Area, placeArea, sizeOf } from './areas.js';
import { type BufferShape, isPixelFormat, shapeOf } from './formats.js';
import { entryCount, grallocManager, grallocMemory } from './layout.js';
import type { BufferReference } from './protocol.js';
import { spaceOf } from './space.js';
import { type BufferTable, openTable } from './table.js';
import { unservedBits } from './usage.js';

export interface AllocationRequest {
  readonly widthPx: number;
  readonly heightPx: number;
  /** One of pixelFormat. */
  readonly format: number;
  /** Bits of usage. */
  readonly usage: number;
}

export type Allocation =
  /** The caller owns the description: it sends the token on and disposes it. */
  { readonly reference: BufferReference; readonly description: Description } | Refusal;

export interface Refusal {
  /** ENOSPC: no entry or no free run. EDQUOT: this client has had its share. */
  readonly refused: 'ENOSPC' | 'EDQUOT';
  /** The largest free run, or what is left of the client's budget. */
  readonly availableBytes: number;
  readonly text: string;
}

export interface Allocator extends Disposable {
  /** Charges process `clientPid` until the area is free. Rejects with EINVAL for a request that nobody could meet. */
  allocate(request: AllocationRequest, clientPid: number): Promise<Allocation>;
}

/** What the buffers of one client may take together; three quarters of everything when left out. */
export interface AllocatorOptions {
  readonly budgetBytes?: number;
  readonly budgetBuffers?: number;
}

const defaultShare = 3 / 4;
/** Claims that may be lost before the allocator gives up: somebody scribbled over owner words. */
const claimAttempts = 8;

export async function openAllocator(device: GuestDevice, options: AllocatorOptions = {}): Promise<Allocator> {
  using stack = new DisposableStack();
  const manager = stack.use(await device.open(grallocManager));
  // Never has a permission: it shows the driver that this process may open the region.
  const memory = stack.use(await device.openManaged(grallocMemory));
  const space = await spaceOf(memory);
  const {
    budgetBytes = Math.floor(sizeOf(space) * defaultShare),
    budgetBuffers = Math.floor(entryCount * defaultShare),
  } = options;
  let table: BufferTable | undefined;
  /** Taken over with the first request: only who serves can be sure that its predecessor writes no more. */
  const openedTable = () => (table ??= openTable(manager.data));

  /** What the budget of this client has against one more buffer. */
  function problemOfBudget(areaBytes: number, clientPid: number): Refusal | undefined {
    const charged = openedTable()
      .live()
      .filter((row) => row.clientPid === clientPid);
    if (charged.length >= budgetBuffers)
      return refusal('EDQUOT', 0, `${charged.length} buffers of at most ${budgetBuffers}`);
    const leftBytes = Math.max(0, budgetBytes - charged.reduce((total, { area }) => total + sizeOf(area), 0));
    if (areaBytes <= leftBytes) return undefined;
    return refusal('EDQUOT', leftBytes, `${areaBytes} bytes; ${leftBytes} of ${budgetBytes} are left`);
  }

  /** Where a buffer of `areaBytes` could lie, next to what lives and to what was tried in vain. */
  function findPlace(areaBytes: number, lost: readonly Place[]): Place | Refusal {
    const entry = openedTable().firstFree(lost.map((place) => place.entry));
    if (entry === undefined) return refusal('ENOSPC', 0, `all ${entryCount} entries are in use`);
    const taken = [...openedTable().live(), ...lost].map(({ area }) => area);
    const placement = placeArea(space, taken, areaBytes);
    if ('area' in placement) return { entry, area: placement.area };
    const { largestFreeBytes } = placement;
    const text = `${areaBytes} bytes; the largest free run has ${largestFreeBytes}`;
    return refusal('ENOSPC', largestFreeBytes, text);
  }

  async function allocate(request: AllocationRequest, clientPid: number): Promise<Allocation> {
    const { format, widthPx, heightPx, usage } = request;
    const shape = checkRequest(request);
    const areaBytes = Math.ceil(shape.sizeBytes / pageBytes) * pageBytes;
    const overBudget = problemOfBudget(areaBytes, clientPid);
    if (overBudget) return overBudget;
    const lost: Place[] = [];
    for (let attempt = 0; attempt < claimAttempts; attempt++) {
      const place = findPlace(areaBytes, lost);
      if ('refused' in place) return place;
      const { entry, area } = place;
      const tenant = { area, shape, format, widthPx, heightPx, usage, clientPid };
      const claim = openedTable().enter(entry, tenant);
      const description = await openClaimed(manager, memory, claim);
      if (description) {
        openedTable().granted(entry, tenant);
        return { reference: { epoch: device.epoch, entry, generation: claim.ownedValue }, description };
      }
      lost.push(place, ...openedTable().suspects(place));
    }
    const text = `${claimAttempts} claims were lost: owner words do not say what the driver knows`;
    return refusal('ENOSPC', 0, text);
  }

  const owned = stack.move();
  return { allocate, [Symbol.dispose]: () => owned[Symbol.dispose]() };
}

/** An entry, and the area that it is to have. */
interface Place {
  readonly entry: number;
  readonly area: Area;
}

/** Throws EINVAL, naming what is wrong. */
function checkRequest({ format, widthPx, heightPx, usage }: AllocationRequest): BufferShape {
  const invalid = (text: string) => new VsocError('EINVAL', 'allocate', text);
  if (!isPixelFormat(format)) throw invalid(`no pixel format has number ${format}`);
  const unserved = unservedBits(usage);
  if (unserved !== 0) throw invalid(`nothing here serves usage bits 0x${unserved.toString(16)}`);
  try {
    return shapeOf(format, widthPx, heightPx);
  } catch (error) {
    throw invalid((error as Error).message);
  }
}

/** Undefined when the claim is lost to a live permission, whatever the owner word said. */
async function openClaimed(
  manager: GuestRegion,
  memory: Description,
  claim: Claim,
): Promise<Description | undefined> {
  try {
    const opened = await manager.description.openClaimed(memory, claim);
    return opened === 'contended' ? undefined : opened;
  } catch (error) {
    if (error instanceof VsocError && error.code === 'EBUSY') return undefined;
    throw error;
  }
}

const refusal = (refused: Refusal['refused'], availableBytes: number, text: string): Refusal => ({
  refused,
  availableBytes,
  text,
});
