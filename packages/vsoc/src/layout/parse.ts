/**
 * Reads the first page of a window that somebody else wrote. Every record is read once into locals, checked, and
 * only the checked copy is used from then on: a window that changes later does not matter.
 */

import type { Values } from '@vsoc/struct';
import { vsocDeviceRegion, vsocShmLayoutDescriptor } from './header.js';
import { headerBytes, layoutVersion, maxRegions, maxWindowBytes, minWindowBytes } from './numbers.js';
import { hex, isPowerOfTwo } from './offsets.js';
import { checkManagers, checkNames, checkNoOverlap, parseRegion } from './parse-region.js';
import { LayoutError, type WindowLayout } from './window-layout.js';

export interface ParseOptions {
  /**
   * The driver takes a region's versions as they are (they are the halves' business); everybody else refuses a
   * region whose lowest compatible version is above its current one.
   */
  readonly versions?: 'checked' | 'as-is';
}

/** `page0`: a private copy of the window's first 4096 bytes. Throws LayoutError. */
export function parseWindow(
  page0: Uint8Array,
  windowSizeBytes: number,
  options: ParseOptions = {},
): WindowLayout {
  if (page0.length < headerBytes) refuse('the first page', `${headerBytes} bytes`, `${page0.length}`);
  const view = new DataView(page0.buffer, page0.byteOffset, headerBytes);
  const descriptor = vsocShmLayoutDescriptor.read(view, 0);
  checkDescriptor(descriptor, windowSizeBytes);
  const records = Array.from({ length: descriptor.regionCount }, (_, index) =>
    vsocDeviceRegion.read(view, descriptor.vsocRegionDescOffset + index * vsocDeviceRegion.size),
  );
  const versions = options.versions ?? 'checked';
  const regions = records.map((record, index) => parseRegion(record, { index, windowSizeBytes, versions }));
  checkNames(regions);
  checkNoOverlap(regions);
  checkManagers(regions);
  const { majorVersion, minorVersion, size: sizeBytes } = descriptor;
  return { majorVersion, minorVersion, sizeBytes, regions };
}

function checkDescriptor(descriptor: Values<typeof vsocShmLayoutDescriptor>, windowSizeBytes: number): void {
  const { majorVersion, size, regionCount, vsocRegionDescOffset: recordsOffset } = descriptor;
  if (majorVersion !== layoutVersion.major)
    refuse('major_version', `${layoutVersion.major}`, `${majorVersion}`);
  if (size !== windowSizeBytes) refuse('size', `the window's real size, ${hex(windowSizeBytes)}`, hex(size));
  if (!isPowerOfTwo(size) || size < minWindowBytes || size > maxWindowBytes) {
    refuse('size', `a power of two from ${hex(minWindowBytes)} to ${hex(maxWindowBytes)}`, hex(size));
  }
  if (regionCount < 1 || regionCount > maxRegions)
    refuse('region_count', `1 to ${maxRegions}`, `${regionCount}`);
  const least = vsocShmLayoutDescriptor.size;
  if (recordsOffset % 4 !== 0) refuse('vsoc_region_desc_offset', 'a 4-aligned offset', hex(recordsOffset));
  if (recordsOffset < least) {
    refuse('vsoc_region_desc_offset', `at least ${hex(least)}, behind the descriptor`, hex(recordsOffset));
  }
  const recordsEnd = recordsOffset + regionCount * vsocDeviceRegion.size;
  if (recordsEnd > headerBytes) {
    const seen = `${regionCount} records from ${hex(recordsOffset)} to ${hex(recordsEnd)}`;
    refuse('region records', `to end inside the first page (${hex(headerBytes)})`, seen);
  }
}

function refuse(where: string, expected: string, seen: string): never {
  throw new LayoutError('parseWindow', `${where}: expected ${expected}, saw ${seen}`);
}
