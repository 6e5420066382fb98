// A UNIX socket in the event loop: bytes and descriptors in, bytes and descriptors out, no queue of its own.
// A peer that does not read fills its socket buffer and is dropped by whoever sends; nobody else waits for it.
import { constants } from 'node:os';
import { type OwnedFd, receiveMessage, SystemError, sendMessage } from '@vsoc/native';
import { type Client, unpaced, type Watched } from './turns.js';

export interface SocketEvents {
  /** One message (seqpacket) or what was there (stream). The listener owns `fds`; `bytes` is its own copy. */
  onMessage(bytes: Uint8Array, fds: OwnedFd[]): void;
  /** Once, when the peer closed or the socket failed; never after dispose. */
  onEnd(error?: Error): void;
}

export interface UnixSocket extends Disposable {
  readonly fd: number;
  /** False: the peer does not keep up, or is gone; the caller decides what that means. Throws on misuse only. */
  send(bytes: Uint8Array, fds?: readonly number[]): boolean;
  /** A send has found the peer gone; `onEnd` says so in a later turn. */
  readonly isGone: boolean;
  /** Lets the process end although the socket is open. */
  unref(): void;
}

/** The largest message of any protocol here; a longer one is an error of the peer. */
const receiveBytes = 4096;

/** Watches a connected socket; takes ownership of `owned`. What it receives is on its client's account. */
export function openSocket(owned: OwnedFd, events: SocketEvents, client: Client = unpaced): UnixSocket {
  const buffer = new Uint8Array(receiveBytes);
  let isGone = false;
  let watching: Watched | undefined = client.watch(owned.fd, takeTurn);

  function close(): void {
    watching?.[Symbol.dispose]();
    watching = undefined;
    owned[Symbol.dispose]();
  }

  function end(error?: Error): void {
    close();
    events.onEnd(error);
  }

  /**
   * One message a turn of the loop: the watch is level-triggered, so the next one follows after everybody else had a
   * turn, and nobody pays for a receive that finds nothing.
   */
  function takeTurn(): boolean {
    let message: ReturnType<typeof receiveMessage>;
    try {
      message = receiveMessage(owned.fd, buffer);
    } catch (error) {
      end(error as Error);
      return true;
    }
    if (message === 'would-block') return false;
    if (message.byteCount > 0) {
      events.onMessage(buffer.slice(0, message.byteCount), message.fds);
      return true;
    }
    for (const fd of message.fds) fd[Symbol.dispose]();
    end();
    return true;
  }

  return {
    get fd() {
      return owned.fd;
    },
    send(bytes, fds = []) {
      if (!watching) return false;
      try {
        return sendMessage(owned.fd, bytes, fds) === bytes.byteLength;
      } catch (error) {
        if (!(error instanceof SystemError && notTaken.has(error.errno))) throw error;
        isGone ||= gone.has(error.errno);
        return false;
      }
    },
    get isGone() {
      return isGone;
    },
    unref: () => watching?.unref(),
    [Symbol.dispose]: close,
  };
}

const { EPIPE, ECONNRESET, ENOTCONN } = constants.errno;
const gone: ReadonlySet<number> = new Set([EPIPE, ECONNRESET, ENOTCONN]);

/**
 * The peer is gone, or too much waits unread: of descriptors in flight the kernel counts all of this user's. Numbers,
 * since libuv has no name for ETOOMANYREFS.
 */
const notTaken: ReadonlySet<number> = new Set([
  ...gone,
  constants.errno.ENOBUFS,
  constants.errno.ENOMEM,
  109, // ETOOMANYREFS
]);
