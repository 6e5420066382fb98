/**
 * A HAL's side of the layout: what its region is called, which version it has and what lies in it. Everything that
 * can be wrong with a declaration alone is refused here, when the module loads, not when a window is planned.
 */
import { atomicWords, emitMarkdown, type StructType, struct, type Tail } from '@vsoc/struct';
import { deviceNameBytes } from './numbers.js';
import { hex, type RegionOffset, regionOffset, roundUp } from './offsets.js';
import { LayoutError, type RegionLayout, regionBytes } from './window-layout.js';

/** Big enough for a pair of cache lines that the prefetcher fetches together. */
export const lineBytes = 128;

export interface RegionVersion {
  readonly current: number;
  /** The oldest version whose halves still understand this one. */
  readonly minCompatible: number;
}

export interface RegionOptions<Data extends StructType> {
  /** 1 to 15 bytes of `[a-z0-9_]`. */
  readonly name: string;
  readonly version: RegionVersion;
  readonly doc: string;
  /** Name of the region whose descriptors grant areas of this one. */
  readonly managedBy?: string;
  /** May be left out where the region is nothing but its tail. */
  readonly data?: Data;
  readonly tail?: Tail;
}

export interface RegionDefinition<Data extends StructType = StructType> {
  readonly name: string;
  readonly version: RegionVersion;
  readonly doc: string;
  readonly managedBy?: string;
  readonly data: Data;
  readonly tail?: Tail;
  readonly dataBytes: number;
  /** Where the tail begins, from the start of the data. */
  readonly tailOffset: number;
  /** What the region has at least, from the start of its data: the data and the tail as declared. */
  readonly minimumBytes: number;
}

export type NoFields = Readonly<Record<never, never>>;

export function defineRegion<Data extends StructType = StructType<NoFields>>(
  options: RegionOptions<Data>,
): RegionDefinition<Data> {
  const { name, version, doc, managedBy, tail } = options;
  const op = 'defineRegion';
  checkName(op, 'region', name);
  if (managedBy !== undefined) checkName(op, `region ${name}, managedBy`, managedBy);
  if (managedBy === name) throw new LayoutError(op, `region ${name} cannot manage itself`);
  if (doc.trim() === '')
    throw new LayoutError(op, `region ${name}: expected a doc that says what it is for, saw none`);
  checkVersionNumbers(op, `region ${name}`, version);
  const data = options.data ?? (struct(`${name}_data`, `No data of its own: ${doc}`, {}) as unknown as Data);
  const tailOffset = tail === undefined ? data.size : roundUp(data.size, lineBytes);
  return {
    name,
    version,
    doc,
    ...(managedBy === undefined ? {} : { managedBy }),
    data,
    ...(tail === undefined ? {} : { tail }),
    dataBytes: data.size,
    tailOffset,
    minimumBytes: tailOffset + (tail?.sizeBytes ?? 0),
  };
}

export function isRegionName(name: string): boolean {
  return name.length < deviceNameBytes && /^[a-z0-9_]+$/.test(name);
}

export function checkName(op: string, where: string, name: string): void {
  if (isRegionName(name)) return;
  const expected = `a name of 1 to ${deviceNameBytes - 1} bytes of [a-z0-9_]`;
  throw new LayoutError(op, `${where}: expected ${expected}, saw ${JSON.stringify(name)}`);
}

export function checkVersionNumbers(
  op: string,
  where: string,
  { current, minCompatible }: RegionVersion,
): void {
  for (const [what, value] of Object.entries({ current, minCompatible })) {
    if (Number.isInteger(value) && value >= 0 && value <= 0xffff) continue;
    throw new LayoutError(op, `${where}: expected a ${what} version from 0 to 65535, saw ${value}`);
  }
  if (minCompatible <= current) return;
  const expected = `a lowest compatible version that is not above the current one, ${current}`;
  throw new LayoutError(op, `${where}: expected ${expected}, saw ${minCompatible}`);
}

export interface SignallableWord {
  /** 'beats', 'entries[3].owner' */
  readonly path: string;
  readonly offset: RegionOffset;
  readonly signalledBy: 'guest' | 'host' | 'both';
}

/** The words that a side may signal. Give the region of a planned or validated window to get region offsets. */
export function signallableWords(
  definition: RegionDefinition,
  region: Pick<RegionLayout, 'dataOffset'> = { dataOffset: regionOffset(0) },
): readonly SignallableWord[] {
  return atomicWords(definition.data).flatMap(({ path, offset, signalledBy }) =>
    signalledBy === undefined
      ? []
      : [{ path, offset: regionOffset(region.dataOffset + offset), signalledBy }],
  );
}

export interface TailPlace {
  readonly offset: RegionOffset;
  readonly sizeBytes: number;
}

/** Where the tail lies in a real region: as large as declared for a power of two, else all that is left. */
export function tailOf(definition: RegionDefinition, region: RegionLayout): TailPlace {
  const { tail, name, tailOffset } = definition;
  if (tail === undefined) throw new LayoutError('tailOf', `region ${name} has no tail`);
  const offset = regionOffset(region.dataOffset + tailOffset);
  const leftBytes = regionBytes(region) - offset;
  if (leftBytes < tail.sizeBytes) {
    const seen = `${leftBytes} from ${hex(offset)} to the end of the region`;
    throw new LayoutError(
      'tailOf',
      `region ${name}: expected ${tail.sizeBytes} bytes of ${tail.name}, saw ${seen}`,
    );
  }
  return { offset, sizeBytes: tail.log2Size === undefined ? leftBytes : tail.sizeBytes };
}

/** The region's table for a README; offsets count from the start of the region's data. */
export function regionTable(definition: RegionDefinition): string {
  const { tail } = definition;
  if (tail === undefined) return emitMarkdown(definition.data);
  const size = tail.log2Size === undefined ? `≥ ${tail.sizeBytes}` : `${tail.sizeBytes}`;
  return emitMarkdown(definition.data, [
    [hex(definition.tailOffset), size, `\`${tail.name}\``, 'bytes', 'B', tail.doc],
  ]);
}
