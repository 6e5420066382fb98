// Bytes and descriptors together over a UNIX socket, never blocking.
import { addon } from './addon.js';
import { checkFd, checkInteger, checkSomeBytes } from './check.js';
import { OwnedFd } from './owned-fd.js';

/** The kernel's limit for one message (SCM_MAX_FD). */
const maxDescriptors = 253;

export interface ReceivedMessage {
  /** 0: the other side closed. */
  readonly byteCount: number;
  /** Close-on-exec, and the caller's to dispose: at once, however long the sender's socket lingers. */
  readonly fds: OwnedFd[];
}

/**
 * How many bytes went: all on a seqpacket, maybe fewer on a stream (the descriptors go with the first byte, so
 * send the rest without them). The descriptors stay the caller's. EPIPE when the other side is gone, no signal.
 */
export function sendMessage(fd: number, bytes: Uint8Array, fds?: readonly number[]): number | 'would-block' {
  checkFd(fd);
  checkSomeBytes('message', bytes);
  if (fds !== undefined) {
    checkInteger('count of descriptors', fds.length, 0, maxDescriptors);
    for (const each of fds) checkFd(each);
  }
  const sent = addon.send(fd, bytes, fds);
  return sent < 0 ? 'would-block' : sent;
}

/** A message longer than `into`, or descriptors that did not fit this process's table, are EMSGSIZE; nothing of it leaks. */
export function receiveMessage(fd: number, into: Uint8Array): ReceivedMessage | 'would-block' {
  checkFd(fd);
  checkSomeBytes('room for the message', into);
  const message = addon.receive(fd, into);
  if (message === undefined) return 'would-block';
  const fds = message.fds.map((received) =>
    OwnedFd.own(received, `received on fd ${fd}`, addon.closeReceived),
  );
  return { byteCount: message.byteCount, fds };
}
