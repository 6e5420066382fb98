// Where buffers can lie in gralloc_memory: all of it behind its tables.
import type { Description } from '@vsoc/vsoc/guest';
import type { Area } from './areas.js';

/** Of the region that `memory` is a description of. */
export async function spaceOf(memory: Description): Promise<Area> {
  const { offsetOfRegionData, regionBeginOffset, regionEndOffset } = await memory.describe();
  return { beginOffset: offsetOfRegionData, endOffset: regionEndOffset - regionBeginOffset };
}
