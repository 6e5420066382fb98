// Connecting to a listening socket. One whose queue is full is busy, or somebody floods it: a blocking connect(2) would
// wait for a place in the queue, so this one tries again. Where the listener speaks first nobody needs to send before the
// connection stands; a client that speaks first (gralloc's) keeps what it has to say until then.
import { connectUnix, SystemError } from '@vsoc/native';
import { openSocket, type SocketEvents, type UnixSocket } from './socket.js';

const retryMs = 1;
const deadlineMs = 5000;

/**
 * Throws a SystemError at once (ENOENT, ECONNREFUSED). While the listener's queue is full the socket sends nothing; when
 * it is full for 5 s, `onEnd` gets the EAGAIN.
 */
export function connectSocket(path: string, type: 'stream' | 'seqpacket', events: SocketEvents): UnixSocket {
  const connection = tryToConnect(path, type);
  return connection ? openSocket(connection, events) : connectLater(path, type, events);
}

function connectLater(path: string, type: 'stream' | 'seqpacket', events: SocketEvents): UnixSocket {
  const giveUpMs = performance.now() + deadlineMs;
  let socket: UnixSocket | undefined;
  let isUnref = false;
  let timer = setTimeout(tryAgain, retryMs);

  function tryAgain(): void {
    try {
      const connection = tryToConnect(path, type);
      if (connection) {
        socket = openSocket(connection, events);
        if (isUnref) socket.unref();
        return;
      }
    } catch (error) {
      events.onEnd(error as Error);
      return;
    }
    if (performance.now() > giveUpMs) {
      const text = `the queue of ${path} was full for ${deadlineMs} ms`;
      events.onEnd(new SystemError('EAGAIN', 11, 'connect', text));
      return;
    }
    timer = setTimeout(tryAgain, retryMs);
    if (isUnref) timer.unref();
  }

  return {
    get fd() {
      if (socket) return socket.fd;
      throw new Error(`${path}: expected a connection that stands, its listener's queue is still full`);
    },
    send: (bytes, fds) => socket?.send(bytes, fds) ?? false,
    get isGone() {
      return socket?.isGone ?? false;
    },
    unref() {
      isUnref = true;
      timer.unref();
      socket?.unref();
    },
    [Symbol.dispose]() {
      clearTimeout(timer);
      socket?.[Symbol.dispose]();
    },
  };
}

/** Undefined where the queue is full. */
function tryToConnect(path: string, type: 'stream' | 'seqpacket') {
  try {
    return connectUnix(path, type);
  } catch (error) {
    if (error instanceof SystemError && error.code === 'EAGAIN') return undefined;
    throw error;
  }
}
