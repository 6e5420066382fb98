// Guest process ↔ guest-driver (seqpacket sockets), in place of the system-call boundary of a kernel module.
//
// Connecting to a node `dev/<region>` is open(2): the answer carries the token (the open file description), the
// window and the region's doorbell. Connecting to `dev/control` makes a channel: its first message carries the window
// alone. A request names an ioctl, brings the header's argument bytes behind it, and has the token attached; CREATE
// attaches the managed description's token second. Replies carry the id of their request, in any order.
import { s32, struct, u32, u64 } from '@vsoc/struct';

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
} as const;

/** Requests of one channel that may be unanswered at a time; one more is answered EBUSY. */
export const outstandingLimit = 64;
