/** Writes a layout into the first page of a window: the descriptor, then one record a region, then zeroes. */
import type { Values } from '@vsoc/struct';
import { vsocDeviceRegion, vsocShmLayoutDescriptor, type vsocSignalTableLayout } from './header.js';
import { headerBytes, maxRegions } from './numbers.js';
import { LayoutError, type RegionLayout, type TableLayout, type WindowLayout } from './window-layout.js';

export function formatWindow(layout: WindowLayout, page0: Uint8Array): void {
  if (page0.length < headerBytes) {
    throw new LayoutError('formatWindow', `expected ${headerBytes} bytes to write to, saw ${page0.length}`);
  }
  if (layout.regions.length > maxRegions) {
    throw new LayoutError(
      'formatWindow',
      `expected at most ${maxRegions} regions, saw ${layout.regions.length}`,
    );
  }
  page0.fill(0, 0, headerBytes);
  const view = new DataView(page0.buffer, page0.byteOffset, headerBytes);
  const recordsOffset = vsocShmLayoutDescriptor.size;
  vsocShmLayoutDescriptor.write(view, 0, {
    majorVersion: layout.majorVersion,
    minorVersion: layout.minorVersion,
    size: layout.sizeBytes,
    regionCount: layout.regions.length,
    vsocRegionDescOffset: recordsOffset,
  });
  for (const [index, region] of layout.regions.entries()) {
    vsocDeviceRegion.write(view, recordsOffset + index * vsocDeviceRegion.size, regionRecord(region));
  }
}

/** One region as the header's record: also what DESCRIBE_REGION answers. */
export function regionRecord(region: RegionLayout): Values<typeof vsocDeviceRegion> {
  return {
    currentVersion: region.currentVersion,
    minCompatibleVersion: region.minCompatibleVersion,
    regionBeginOffset: region.beginOffset,
    regionEndOffset: region.endOffset,
    offsetOfRegionData: region.dataOffset,
    guestToHostSignalTable: tableRecord(region.guestToHost),
    hostToGuestSignalTable: tableRecord(region.hostToGuest),
    deviceName: region.name,
    managedBy: region.managedBy,
  };
}

function tableRecord(table: TableLayout): Values<typeof vsocSignalTableLayout> {
  return {
    numNodesLg2: table.slotCountLog2,
    futexUaddrTableOffset: table.slotsOffset,
    interruptSignalledOffset: table.interruptOffset,
  };
}
