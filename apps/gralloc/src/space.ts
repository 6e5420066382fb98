// Where buffers can lie in gralloc_memory: all whole pages of it behind its tables.
import type { Description } from '@vsoc/vsoc/guest';
import { pageBytes } from '@vsoc/vsoc/layout';
import type { Area } from './areas.js';

/** Of the region that `memory` is a description of. A valid window's data may begin between two pages. */
export async function spaceOf(memory: Pick<Description, 'describe'>): Promise<Area> {
  const { offsetOfRegionData, regionBeginOffset, regionEndOffset } = await memory.describe();
  return {
    beginOffset: Math.ceil(offsetOfRegionData / pageBytes) * pageBytes,
    endOffset: regionEndOffset - regionBeginOffset,
  };
}

/** Whole pages inside `space`, one at least: a buffer could be there. */
export function isAreaOf(space: Area, { beginOffset, endOffset }: Area): boolean {
  const isOfPages = beginOffset % pageBytes === 0 && endOffset % pageBytes === 0;
  return (
    isOfPages && beginOffset >= space.beginOffset && beginOffset < endOffset && endOffset <= space.endOffset
  );
}
