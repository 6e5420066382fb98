/**
 * The structs of the kernel interface, written down once as data. Sizes and offsets are the original's on 32 and
 * 64 bit; the words about them are ours.
 */
import { nested, s32, struct, text, u16, u32, u64 } from '@vsoc/struct';
import { deviceNameBytes } from './numbers.js';

export const vsocShmLayoutDescriptor = struct(
  'vsoc_shm_layout_descriptor',
  'First bytes of the window: how large it is and where the region records are.',
  {
    majorVersion: u16({ doc: 'layout version; readers refuse another one' }),
    minorVersion: u16({ doc: 'layout version; readers accept a higher one' }),
    size: u32({ unit: 'B', doc: 'size of the whole window' }),
    regionCount: u32({ unit: 'records', doc: 'how many regions the window has' }),
    vsocRegionDescOffset: u32({ unit: 'B', doc: 'window offset of the first region record' }),
  },
);

export const vsocSignalTableLayout = struct(
  'vsoc_signal_table_layout',
  'Where the signal table of one direction lies. All offsets count from the start of the region.',
  {
    numNodesLg2: u32({ doc: 'the table has two to this power slots' }),
    futexUaddrTableOffset: u32({
      unit: 'B',
      doc: 'first slot; a slot holds the offset of a futex word, or 0',
    }),
    interruptSignalledOffset: u32({
      unit: 'B',
      doc: 'interrupt word; not 0 when slots were filled since the last scan',
    }),
  },
);

export const vsocDeviceRegion = struct(
  'vsoc_device_region',
  'One region record: a named slice of the window that belongs to one HAL.',
  {
    currentVersion: u16({ doc: "version of the region's contents" }),
    minCompatibleVersion: u16({ doc: 'oldest version whose halves still understand the contents' }),
    regionBeginOffset: u32({ unit: 'B', doc: 'window offset of the first byte; page-aligned' }),
    regionEndOffset: u32({ unit: 'B', doc: 'window offset behind the last byte; page-aligned' }),
    offsetOfRegionData: u32({
      unit: 'B',
      doc: "region offset of the HAL's own data, behind the signal tables",
    }),
    guestToHostSignalTable: nested(vsocSignalTableLayout, { doc: 'signals that the guest sends' }),
    hostToGuestSignalTable: nested(vsocSignalTableLayout, { doc: 'signals that the host sends' }),
    deviceName: text(deviceNameBytes, { doc: 'name of the region and of its device node; NUL-terminated' }),
    managedBy: u32({
      doc: 'index of the region whose descriptors grant areas of this one; 0 when it is used whole',
    }),
  },
);

export const fdScopedPermission = struct(
  'fd_scoped_permission',
  'The right to one area of a managed region, held by an open file description.',
  {
    beginOffset: u32({ unit: 'B', doc: 'first byte of the area, from the start of the managed region' }),
    endOffset: u32({ unit: 'B', doc: 'behind its last byte, from the start of the managed region' }),
    ownerOffset: u32({ unit: 'B', doc: 'owner word, from the start of the manager region' }),
    ownedValue: u32({ doc: 'what the owner word holds while the permission lives; not 0' }),
  },
);

export const fdScopedPermissionArg = struct(
  'fd_scoped_permission_arg',
  'A proposed permission and the description that shall get it.',
  {
    perm: nested(fdScopedPermission, { doc: 'what is proposed' }),
    managedRegionFd: s32({ doc: 'open descriptor of the managed region' }),
  },
);

export const vsocCondWait = struct('vsoc_cond_wait', 'A wait for a word to stop having a value.', {
  offset: u32({ unit: 'B', doc: 'the word, from the start of the region' }),
  value: u32({ doc: 'sleep as long as the word has this value' }),
  wakeTimeSec: u64({ unit: 's', doc: 'deadline on CLOCK_MONOTONIC, its whole seconds' }),
  wakeTimeNsec: u32({ unit: 'ns', doc: 'the rest of the deadline, less than a second' }),
  waitType: u32({ doc: '1 without a deadline, 2 with it' }),
  wakes: u32({ doc: 'answer: how many times the sleeper was woken' }),
  reserved1: u32({ cName: 'reserved_1', doc: 'ignored; makes the size a multiple of 8 on 32 bit too' }),
});
