// Connecting to a node from a thread that may block: where the driver's queue is full it tries again, as connectSocket
// does in the event loop.
import { connectUnix, createEventfd, type OwnedFd, SystemError, waitReadable } from '@vsoc/native';
import { nodeError } from './channel.js';

const retryMs = 1;

/** Throws ENOENT without such a node, ENODEV without its driver, EAGAIN when the queue was full for `deadlineMs`. */
export function connectBlocking(path: string, deadlineMs: number): OwnedFd {
  const giveUpMs = performance.now() + deadlineMs;
  // Nobody signals it: to wait for it is to sleep.
  using pause = createEventfd();
  for (;;) {
    try {
      return connectUnix(path, 'seqpacket');
    } catch (error) {
      const isFull = error instanceof SystemError && error.code === 'EAGAIN';
      if (!isFull || performance.now() > giveUpMs) throw nodeError(path, error);
    }
    waitReadable(pause.fd, retryMs);
  }
}
