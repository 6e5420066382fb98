/**
 * Plans a window: declared regions in, places out. The order of declaration is contract (it is the interrupt vector
 * and what `managed_by` counts), so nothing is ever reordered to make a layout fit: it is refused instead.
 *
 * Inside a region:  guest→host interrupt word · host→guest interrupt word · guest→host slots · host→guest slots ·
 * data. Each begins on a line of its own, so that the two sides do not fight for one while they signal.
 */
import {
  headerBytes,
  layoutVersion,
  maxRegions,
  maxWindowBytes,
  minWindowBytes,
  pageBytes,
  regionWhole,
} from './numbers.js';
import { hex, isPowerOfTwo, regionOffset, roundUp, windowOffset } from './offsets.js';
import { checkName, lineBytes, type RegionDefinition, signallableWords } from './region.js';
import { LayoutError, type RegionLayout, type TableLayout, type WindowLayout } from './window-layout.js';

/** Four slots a word keep the table's probes short; 1024 are what a receiver is willing to scan. */
const slotsPerWord = 4;
const minSlots = 16;
const maxSlots = 1024;

const op = 'planWindow';

export interface PlanOptions {
  /** A power of two; without it the smallest one that holds all regions. */
  readonly sizeBytes?: number;
  /** Sizes of tails that shall be larger than declared, by region name. */
  readonly tailBytes?: Readonly<Record<string, number>>;
}

export function planWindow(
  definitions: readonly RegionDefinition[],
  options: PlanOptions = {},
): WindowLayout {
  checkDefinitions(definitions);
  checkTailNames(definitions, options.tailBytes ?? {});
  const managers = new Set(definitions.map(({ managedBy }) => managedBy));
  const regions: RegionLayout[] = [];
  let end = headerBytes;
  for (const [index, definition] of definitions.entries()) {
    const isolated = definition.managedBy !== undefined || managers.has(definition.name);
    const inside = planInside(definition, {
      isolated,
      contentBytes: contentBytes(definition, options.tailBytes),
    });
    const begin = end;
    end += inside.sizeBytes;
    regions.push({
      index,
      name: definition.name,
      currentVersion: definition.version.current,
      minCompatibleVersion: definition.version.minCompatible,
      beginOffset: windowOffset(begin),
      endOffset: windowOffset(end),
      dataOffset: inside.dataOffset,
      guestToHost: inside.guestToHost,
      hostToGuest: inside.hostToGuest,
      managedBy: managerIndex(definitions, definition),
    });
  }
  const { major: majorVersion, minor: minorVersion } = layoutVersion;
  return { majorVersion, minorVersion, sizeBytes: windowBytes(end, options.sizeBytes), regions };
}

function checkDefinitions(definitions: readonly RegionDefinition[]): void {
  if (definitions.length < 1 || definitions.length > maxRegions) {
    throw new LayoutError(op, `expected 1 to ${maxRegions} regions, saw ${definitions.length}`);
  }
  const names = new Set<string>();
  for (const [index, { name }] of definitions.entries()) {
    checkName(op, `region ${index}`, name);
    if (names.has(name))
      throw new LayoutError(op, `region ${index}: another region is called ${name} already`);
    names.add(name);
  }
  for (const definition of definitions) checkManager(definitions, definition);
}

function checkManager(definitions: readonly RegionDefinition[], { name, managedBy }: RegionDefinition): void {
  if (managedBy === undefined) return;
  const index = definitions.findIndex((candidate) => candidate.name === managedBy);
  const manager = definitions[index];
  if (manager === undefined) {
    throw new LayoutError(op, `region ${name} is managed by ${managedBy}, which is not among the regions`);
  }
  if (manager.managedBy !== undefined) {
    const chain = `${managedBy}, which is itself managed by ${manager.managedBy}`;
    throw new LayoutError(op, `region ${name} is managed by ${chain}: a manager must not be managed`);
  }
  if (index === 0) {
    throw new LayoutError(
      op,
      `region ${name} is managed by ${managedBy}, which is region 0: index 0 in managed_by means "not managed", ` +
        `so region 0 can never be a manager. Declare another region first (usually \`system\`)`,
    );
  }
}

function managerIndex(definitions: readonly RegionDefinition[], { managedBy }: RegionDefinition): number {
  if (managedBy === undefined) return regionWhole;
  return definitions.findIndex((candidate) => candidate.name === managedBy);
}

function checkTailNames(
  definitions: readonly RegionDefinition[],
  tailBytes: Readonly<Record<string, number>>,
): void {
  for (const name of Object.keys(tailBytes)) {
    if (definitions.some((definition) => definition.name === name)) continue;
    throw new LayoutError(op, `tailBytes names ${JSON.stringify(name)}, which is not among the regions`);
  }
}

/** Data and tail. A tail may be planned larger than declared, never smaller: the halves count on what they declared. */
function contentBytes(definition: RegionDefinition, tailBytes: PlanOptions['tailBytes']): number {
  const { name, tail, tailOffset, minimumBytes } = definition;
  const wanted = tailBytes?.[name];
  if (wanted === undefined) return minimumBytes;
  if (tail === undefined && definition.dataBytes > 0) {
    throw new LayoutError(op, `tailBytes names region ${name}, which declares no tail`);
  }
  const least = tail?.sizeBytes ?? 0;
  const most = tail?.log2Size === undefined ? maxWindowBytes : least;
  if (Number.isSafeInteger(wanted) && wanted >= least && wanted <= most) return tailOffset + wanted;
  throw new LayoutError(op, `tailBytes of region ${name}: expected ${least} to ${most} bytes, saw ${wanted}`);
}

interface Inside {
  readonly guestToHost: TableLayout;
  readonly hostToGuest: TableLayout;
  readonly dataOffset: RegionLayout['dataOffset'];
  readonly sizeBytes: number;
}

/** `isolated`: managed regions and managers have their data on pages of its own, since areas are granted in pages. */
function planInside(
  definition: RegionDefinition,
  { isolated, contentBytes }: { readonly isolated: boolean; readonly contentBytes: number },
): Inside {
  const guestSlots = slotCount(definition, 'guest');
  const hostSlots = slotCount(definition, 'host');
  const guestSlotsOffset = 2 * lineBytes;
  const hostSlotsOffset = roundUp(guestSlotsOffset + 4 * guestSlots, lineBytes);
  const dataOffset = roundUp(hostSlotsOffset + 4 * hostSlots, isolated ? pageBytes : lineBytes);
  return {
    guestToHost: table(guestSlots, { slots: guestSlotsOffset, interrupt: 0 }),
    hostToGuest: table(hostSlots, { slots: hostSlotsOffset, interrupt: lineBytes }),
    dataOffset: regionOffset(dataOffset),
    sizeBytes: roundUp(dataOffset + contentBytes, pageBytes),
  };
}

function table(slots: number, at: { readonly slots: number; readonly interrupt: number }): TableLayout {
  return {
    slotCountLog2: Math.log2(slots),
    slotsOffset: regionOffset(at.slots),
    interruptOffset: regionOffset(at.interrupt),
  };
}

function slotCount(definition: RegionDefinition, side: 'guest' | 'host'): number {
  const words = signallableWords(definition).filter(
    ({ signalledBy }) => signalledBy === side || signalledBy === 'both',
  ).length;
  const wanted = nextPowerOfTwo(Math.max(minSlots, slotsPerWord * words));
  if (wanted <= maxSlots) return wanted;
  const most = maxSlots / slotsPerWord;
  throw new LayoutError(
    op,
    `region ${definition.name}: expected at most ${most} words that the ${side} may signal, saw ${words}`,
  );
}

function windowBytes(usedBytes: number, given: number | undefined): number {
  const size = given ?? Math.max(minWindowBytes, nextPowerOfTwo(usedBytes));
  if (!isPowerOfTwo(size) || size < minWindowBytes || size > maxWindowBytes) {
    const expected = `a window size that is a power of two from ${hex(minWindowBytes)} to ${hex(maxWindowBytes)} bytes`;
    throw new LayoutError(op, `expected ${expected}, saw ${hex(size)} (the regions take ${hex(usedBytes)})`);
  }
  if (usedBytes > size) {
    throw new LayoutError(
      op,
      `expected regions of at most ${hex(size)} bytes, the window's size, saw ${hex(usedBytes)}`,
    );
  }
  return size;
}

function nextPowerOfTwo(value: number): number {
  return 2 ** Math.ceil(Math.log2(value));
}
