// Host client ↔ ivshmem server (stream socket). In order: the server's version; the client's name of a region; the
// server's answer, a text behind it when it refuses, three descriptors on its first byte when it does not; then
// notices for as long as the connection lives.
//
//   server → client   u32 version
//   client → server   i16 name length, name
//   server → client   hostAnswer, text        fds: guest→host doorbell, host→guest doorbell, window
//   server → client   hostNotice …
import { s32, struct, u32 } from '@vsoc/struct';

export const hostProtocolVersion = 1;
/** How long a client may take to send its name. */
export const nameDeadlineMs = 2000;
export const answerTextLimitBytes = 1024;

export const hostHello = struct('vsoc_host_hello', 'First words of the server.', {
  version: u32({ doc: 'version of this protocol; the client ends on any other' }),
});

export const hostAnswer = struct('vsoc_host_answer', 'Answer to the name of a region.', {
  status: s32({ doc: '0, or a negative errno; then the text says why and the server closes' }),
  beginOffset: u32({ unit: 'B', doc: 'where the region begins in the window' }),
  endOffset: u32({ unit: 'B', doc: 'where it ends, exclusive' }),
  textLength: u32({ unit: 'B', doc: 'UTF-8 text behind this struct' }),
});

export const noticeKind = { guestEpoch: 1 } as const;

export const hostNotice = struct('vsoc_host_notice', 'Something that a host client must know.', {
  kind: u32({ doc: '1: the guest' }),
  epoch: u32({ doc: 'epoch of the guest that has started; 0: its connection is gone' }),
});
