// Guest process ↔ guest-driver (seqpacket sockets), in place of the system-call boundary of a kernel module.
//
// Connecting to a node `dev/<region>` is open(2): the answer carries the token (the open file description), the
// window and the region's doorbell. Connecting to `dev/control` makes a channel: its first message carries the window
// alone. A request names an ioctl, brings the header's argument bytes behind it, and has the token attached; CREATE
// attaches the managed description's token second. Replies carry the id of their request, in any order.
import { nested, s32, struct, u32, u64 } from '@vsoc/struct';
import { fdScopedPermission } from '../layout/index.js';

export const openAnswer = struct(
  'vsoc_open_answer',
  'First message on a connection to a node or to dev/control.',
  {
    status: s32({ doc: '0, or a negative errno' }),
    regionIndex: u32({ doc: 'index of the region; all ones on dev/control' }),
    windowBytes: u32({ unit: 'B', doc: 'size of the window' }),
    epoch: u32({ doc: 'which life of the guest this is' }),
    bus: u32({ doc: 'what the window descriptor is, one of busKind' }),
    doorbellValue: u32({ doc: 'on the PCI bus: what is written to ring the region’s doorbell' }),
    windowOffset: u64({ unit: 'B', doc: 'where the window begins in its descriptor' }),
    doorbellOffset: u64({
      unit: 'B',
      doc: 'on the PCI bus: where the doorbell register is in its descriptor',
    }),
  },
);

/** `embedded`: a sealed memory file, and an eventfd a doorbell. `pci`: one device for both, which has no seals. */
export const busKind = { embedded: 0, pci: 1 } as const;

export const noRegionIndex = 0xffff_ffff;

export const channelRequest = struct('vsoc_channel_request', 'Head of a request; argument bytes follow.', {
  id: u32({ doc: 'chosen by the process; the reply brings it back' }),
  request: u32({ doc: 'an ioctl number of the header, or one of channelVerb' }),
  argument: u32({ doc: 'the ioctl’s argument where it is a plain number' }),
});

export const channelReply = struct('vsoc_channel_reply', 'Head of a reply; argument bytes and text follow.', {
  id: u32({ doc: 'of the request' }),
  status: s32({ doc: '0 or more: the ioctl’s value; less: a negative errno' }),
  argumentBytes: u32({
    unit: 'B',
    doc: 'argument bytes behind this struct; what is left is UTF-8 text: why it failed',
  }),
});

/** Requests that are no ioctl: outside the header's 0xf5 range. */
export const channelVerb = {
  /** Ends the waiting request whose id is the argument: it answers EINTR. */
  interrupt: 1,
  /** lseek: seekArgument behind the head, seekAnswer comes back. */
  seek: 2,
  /** Takes up to as many bytes as the argument says for a read or a write: advanceAnswer comes back. */
  advance: 3,
  /** mmap of a managed descriptor: mapAnswer comes back. */
  map: 4,
  /** Opens the second token's region anew and attaches a permission as CREATE does; the reply brings the fresh token. */
  openClaimed: 5,
} as const;

/** Requests of one channel that may be unanswered at a time; one more is answered EBUSY. */
export const outstandingLimit = 64;

/** Origins of lseek, numbered as in C. */
export const seekOrigin = { begin: 0, current: 1, end: 2 } as const;

export const seekArgument = struct(
  'vsoc_seek_argument',
  'Moves the position that read and write go on from.',
  {
    offset: s32({ unit: 'B', doc: 'from the origin' }),
    origin: u32({ doc: '0 the begin, 1 the position, 2 the end' }),
  },
);

export const seekAnswer = struct('vsoc_seek_answer', 'Where the position is now.', {
  position: u32({ unit: 'B', doc: 'from the begin of the file' }),
});

export const mapAnswer = struct('vsoc_map_answer', 'Where the area of a permission lies.', {
  windowOffset: u32({ unit: 'B', doc: 'of its first byte, in the window' }),
  permission: nested(fdScopedPermission, { doc: 'what GET_FD_SCOPED_PERMISSION would answer' }),
});

export const advanceAnswer = struct('vsoc_advance_answer', 'The bytes that a read or a write took.', {
  offset: u32({ unit: 'B', doc: 'where they begin in the region' }),
  count: u32({ unit: 'B', doc: 'how many; the position is behind them' }),
});
