// The allocator: finds a free entry and a free run within the client's budget, claims the area and hands the token out.
// It keeps no copy of a token: the last close of its clients frees the area, which it learns from the owner word.
import { DisposableStack } from '@vsoc/native';
import { VsocError } from '@vsoc/vsoc';
import type { Description, GuestDevice } from '@vsoc/vsoc/guest';
import { hex, pageBytes } from '@vsoc/vsoc/layout';
import { type Area, placeArea, sizeOf } from './areas.js';
import { type BufferShape, formatName, isPixelFormat, pixelFormat, shapeOf } from './formats.js';
import { type Holders, openHolders, type Place } from './holders.js';
import { entryCount, grallocManager, grallocMemory } from './layout.js';
import { oneAtATime } from './one-at-a-time.js';
import type { BufferReference } from './protocol.js';
import { spaceOf } from './space.js';
import { type BufferTable, openTable, type TableRow } from './table.js';
import { problemOfUsage } from './usage.js';

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
  /**
   * Charges process `clientPid` until the area is free. Rejects with EINVAL for a request that nobody could meet. One
   * request is carried out at a time; `signal` takes one back that waits for its turn.
   */
  allocate(
    request: AllocationRequest,
    clientPid: number,
    options?: { readonly signal?: AbortSignal },
  ): Promise<Allocation>;
}

/** What the buffers of one client may take together; three quarters of everything when left out. */
export interface AllocatorOptions {
  readonly budgetBytes?: number;
  readonly budgetBuffers?: number;
}

const defaultShare = 3 / 4;

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
  let known: { readonly table: BufferTable; readonly holders: Holders } | undefined;

  /** With the first request: only who serves can be sure that its predecessor writes no more. */
  async function takeOver() {
    if (known) return known;
    const table = openTable(manager.data, space);
    const holders = openHolders({ manager, memory, space, table });
    await holders.confirmAll();
    known = { table, holders };
    return known;
  }

  /** What the budget of this client has against one more buffer. */
  function problemOfBudget(charged: readonly TableRow[], areaBytes: number): Refusal | undefined {
    if (charged.length >= budgetBuffers)
      return refusal('EDQUOT', 0, `${charged.length} buffers of at most ${budgetBuffers}`);
    const leftBytes = Math.max(0, budgetBytes - charged.reduce((total, { area }) => total + sizeOf(area), 0));
    if (areaBytes <= leftBytes) return undefined;
    return refusal('EDQUOT', leftBytes, `${areaBytes} bytes; ${leftBytes} of ${budgetBytes} are left`);
  }

  /** Where a buffer of `areaBytes` could lie, next to what is taken. */
  function findPlace(table: BufferTable, areaBytes: number, taken: readonly Area[]): Place | Refusal {
    const entry = table.firstFree();
    if (entry === undefined) return refusal('ENOSPC', 0, `all ${entryCount} entries are in use`);
    const placement = placeArea(space, taken, areaBytes);
    if ('area' in placement) return { entry, area: placement.area };
    const { largestFreeBytes } = placement;
    const text = `${areaBytes} bytes; the largest free run has ${largestFreeBytes}`;
    return refusal('ENOSPC', largestFreeBytes, text);
  }

  async function allocate(request: AllocationRequest, clientPid: number): Promise<Allocation> {
    const shape = checkRequest(request);
    const areaBytes = Math.ceil(shape.sizeBytes / pageBytes) * pageBytes;
    const { table, holders } = await takeOver();
    const strangers: Area[] = [];
    // A claim that is lost takes an entry or an area out, so that the next one is another.
    for (let attempt = 0; attempt < entryCount; attempt++) {
      const live = table.live();
      const ofClient = live.filter((row) => row.clientPid === clientPid);
      const taken = [...live.map(({ area }) => area), ...strangers];
      const place = problemOfBudget(ofClient, areaBytes) ?? findPlace(table, areaBytes, taken);
      if ('refused' in place) {
        if (await holders.lookAgain()) continue;
        return place;
      }
      const { entry, area } = place;
      const claim = table.claimOf(entry, area);
      const description = await holders.claim(claim);
      if (typeof description !== 'string') {
        table.enter(entry, claim, { ...request, area, shape, clientPid });
        return { reference: { epoch: device.epoch, entry, generation: claim.ownedValue }, description };
      }
      // Where a stranger's area ends is not known: half as far again each time.
      if (!(await holders.findHolder(place))) strangers.push(stretched(area, 1.5 ** strangers.length));
    }
    const text = `${entryCount} claims were lost: owner words do not say what the driver knows`;
    return refusal('ENOSPC', 0, text);
  }

  const inTurn = oneAtATime();
  const owned = stack.move();
  return {
    allocate: (request, clientPid, { signal } = {}) => inTurn(() => allocate(request, clientPid), signal),
    [Symbol.dispose]: () => owned[Symbol.dispose](),
  };
}

const stretched = ({ beginOffset, endOffset }: Area, times: number): Area => ({
  beginOffset,
  endOffset: beginOffset + Math.ceil((times * (endOffset - beginOffset)) / pageBytes) * pageBytes,
});

/** Throws EINVAL, naming what is wrong. */
function checkRequest({ format, widthPx, heightPx, usage }: AllocationRequest): BufferShape {
  const invalid = (text: string) => new VsocError('EINVAL', 'allocate', text);
  if (!isPixelFormat(format))
    throw invalid(`expected one of the pixel formats ${formatTexts}; saw ${hex(format)}`);
  const problem = problemOfUsage(usage);
  if (problem !== undefined) throw invalid(problem);
  try {
    return shapeOf(format, widthPx, heightPx);
  } catch (error) {
    throw invalid((error as Error).message);
  }
}

const formatTexts = Object.values(pixelFormat)
  .map((format) => `${hex(format)} (${formatName(format)})`)
  .join(', ');

const refusal = (refused: Refusal['refused'], availableBytes: number, text: string): Refusal => ({
  refused,
  availableBytes,
  text,
});
