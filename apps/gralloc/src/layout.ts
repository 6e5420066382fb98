// gralloc's two regions. The manager holds the table of buffers, the memory region their pixels; an entry's owner word
// is the one that the buffer's fd-scoped permission names. The allocator alone writes the table, owner words excepted:
// those only the guest driver writes.
import { array, atomicU32, bytes, pad, struct, u32 } from '@vsoc/struct';
import { defineRegion } from '@vsoc/vsoc/layout';

/** Buffers that can be alive at a time. */
export const entryCount = 256;

export const grallocEntry = struct(
  'gralloc_entry',
  'One buffer; meaningful while its owner word is its generation.',
  {
    owner: atomicU32({ doc: 'owner word of the permission: the generation while the buffer lives, else 0' }),
    generation: atomicU32({ doc: 'tells apart successive buffers of this entry; raised before each claim' }),
    beginOffset: u32({ unit: 'B', doc: 'first byte of the area in gralloc_memory' }),
    endOffset: u32({ unit: 'B', doc: 'behind its last byte' }),
    format: u32({ doc: 'pixel format, numbered as Android does' }),
    widthPx: u32({ unit: 'px', doc: 'visible width' }),
    heightPx: u32({ unit: 'px', doc: 'visible height' }),
    strideBytes: u32({ unit: 'B', doc: 'from one line to the next' }),
    usage: u32({ doc: 'what the buffer is for, as its allocation said' }),
    reserved: pad(28),
  },
);

export const grallocManager = defineRegion({
  name: 'gralloc_manager',
  version: { current: 1, minCompatible: 1 },
  doc: 'The table of graphics buffers.',
  data: struct('gralloc_manager_data', 'Who has which area, and what it shows.', {
    entries: array(grallocEntry, entryCount, {
      doc: 'a buffer is named by its place here and its generation',
    }),
  }),
});

export const grallocMemory = defineRegion({
  name: 'gralloc_memory',
  version: { current: 1, minCompatible: 1 },
  doc: 'The pixels of all buffers, handed out area by area.',
  managedBy: grallocManager.name,
  tail: bytes('areas', { sizeBytes: 1 << 20, doc: 'areas of whole pages; zero when granted' }),
});
