// Where the programs of this HAL draw when it runs alone: a region with room for a few pictures, in place of gralloc's
// buffers. The halves take buffers from wherever they come; a slot is the least that satisfies both.
import { atomicU32, bytes, struct } from '@vsoc/struct';
import { defineRegion, type RegionLayout, tailOf } from '@vsoc/vsoc/layout';
import { shownFormat } from './layout.js';

/** One on show, one that the host reads, one to draw into. */
export const slotCount = 3;
/** Lines are longer than their pixels, as those of real buffers are. */
export const slotSize = { widthPx: 320, heightPx: 180, strideBytes: 1344, format: shownFormat } as const;
const slotBytes = slotSize.strideBytes * slotSize.heightPx;

export const framebufferSlots = defineRegion({
  name: 'framebuffer_mem',
  version: { current: 1, minCompatible: 1 },
  doc: 'Pictures of a framebuffer that runs alone.',
  data: struct('framebuffer_mem_data', 'Whose the pictures are.', {
    generation: atomicU32({
      doc: 'raised by each guest half that starts: the pictures of the one before are gone',
    }),
  }),
  tail: bytes('slots', { sizeBytes: slotCount * slotBytes, doc: 'one picture each' }),
});

/** An open region, of either side. */
interface OpenSlots {
  readonly layout: RegionLayout;
  bytes(beginOffset: number, endOffset: number): Uint8Array;
}

/** The lines of slot `index`; undefined where there is no such slot. */
export function slotBytesOf(region: OpenSlots, index: number): Uint8Array | undefined {
  if (index >= slotCount) return undefined;
  const begin = tailOf(framebufferSlots, region.layout).offset + index * slotBytes;
  return region.bytes(begin, begin + slotBytes);
}
