// gralloc's two regions. The manager holds the table of buffers, the memory region their pixels; an entry's owner word
// is the one that the buffer's fd-scoped permission names. The allocator alone writes the table, except for owner words,
// which only the guest driver writes, and fences, which belong to the buffer's holders and its viewers.
import { array, atomicU32, bytes, pad, struct, u32, u64 } from '@vsoc/struct';
import { defineRegion } from '@vsoc/vsoc/layout';

/** Buffers that can be alive at a time: two fences each make the 256 words that a region's sides may signal. */
export const entryCount = 128;

export const isEntry = (entry: number): boolean =>
  Number.isInteger(entry) && entry >= 0 && entry < entryCount;

export const grallocEntry = struct(
  'gralloc_entry',
  'One buffer; meaningful while its owner word is its generation.',
  {
    owner: atomicU32({ doc: 'owner word of the permission: the generation while the buffer lives, else 0' }),
    generation: atomicU32({
      doc: 'tells apart successive buffers of this entry; raised with each, last of its row',
    }),
    acquire: atomicU32({
      doc: 'acquire fence: pictures finished; advanced by who draws, 0 in a new buffer',
      signalledBy: 'both',
    }),
    release: atomicU32({
      doc: 'release fence: pictures done with; advanced by who looks, 0 in a new buffer',
      signalledBy: 'both',
    }),
    beginOffset: u32({ unit: 'B', doc: 'first byte of the area in gralloc_memory' }),
    endOffset: u32({ unit: 'B', doc: 'behind its last byte' }),
    format: u32({ doc: 'pixel format, numbered as Android does' }),
    widthPx: u32({ unit: 'px', doc: 'visible width; of a BLOB its bytes' }),
    heightPx: u32({ unit: 'px', doc: 'visible height; of a BLOB 1' }),
    strideBytes: u32({ unit: 'B', doc: 'from one line of the first plane to the next' }),
    usage: u32({ doc: 'who may do what with it, as its allocation said' }),
    clientPid: u32({ doc: "process that asked for it and is charged, in the guest's numbers" }),
    allocatedAtNs: u64({ unit: 'ns', doc: 'CLOCK_MONOTONIC of the guest at its allocation' }),
    reserved: pad(8),
  },
);

export const grallocManager = defineRegion({
  name: 'gralloc_manager',
  version: { current: 2, minCompatible: 2 },
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
