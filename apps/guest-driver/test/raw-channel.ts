// A channel spoken by hand: messages that the library would never send, and replies nobody reads. Blocks its thread for
// what comes: the driver is another process.
import {
  connectUnix,
  DisposableStack,
  type OwnedFd,
  receiveMessage,
  SystemError,
  sendMessage,
  waitReadable,
} from '@vsoc/native';

/** A watchdog: it blocks the thread whose timers are the test's own. */
const timeoutMs = 60_000;

export interface RawRequest {
  readonly id: number;
  readonly request: number;
  readonly argument?: number;
  readonly bytes?: Uint8Array;
  readonly tokens?: readonly number[];
}

export interface RawReply {
  readonly id: number;
  /** 0, or a negative errno. */
  readonly status: number;
  readonly bytes: Uint8Array;
  readonly text: string;
}

export interface RawChannel extends Disposable {
  /** Descriptors of the first message. */
  readonly fds: readonly OwnedFd[];
  send(request: RawRequest): void;
  /** 'full': the driver does not take it now. */
  sendBytes(bytes: Uint8Array, fds?: readonly number[]): 'sent' | 'full' | 'closed';
  /** The next reply; throws when the driver closes before. */
  reply(): RawReply;
  /** Waits: true once the driver has closed, false for a reply. */
  isClosed(): boolean;
}

/** Connects to a node or to control, and reads the first message. */
export function openRawChannel(path: string): RawChannel {
  const stack = new DisposableStack();
  const socket = stack.use(connectUnix(path, 'seqpacket'));
  const room = new Uint8Array(4096);

  /** Undefined at the end. */
  function receive(): { bytes: Uint8Array; fds: OwnedFd[] } | undefined {
    for (;;) {
      const message = receiveMessage(socket.fd, room);
      if (message !== 'would-block') {
        if (message.byteCount === 0) return undefined;
        return { bytes: room.slice(0, message.byteCount), fds: message.fds };
      }
      if (waitReadable(socket.fd, timeoutMs) === 'timed-out')
        throw new Error(`silent for ${timeoutMs} ms: ${path}`);
    }
  }

  function sendBytes(bytes: Uint8Array, fds: readonly number[] = []): 'sent' | 'full' | 'closed' {
    try {
      return sendMessage(socket.fd, bytes, fds) === 'would-block' ? 'full' : 'sent';
    } catch (error) {
      if (error instanceof SystemError && ['EPIPE', 'ECONNRESET'].includes(error.code)) return 'closed';
      throw error;
    }
  }

  const fds = receive()?.fds ?? [];
  for (const fd of fds) stack.use(fd);
  return {
    fds,
    sendBytes,
    send({ id, request, argument = 0, bytes = new Uint8Array(0), tokens = [] }) {
      const head = new Uint32Array([id, request, argument]);
      const outcome = sendBytes(Buffer.concat([new Uint8Array(head.buffer), bytes]), tokens);
      if (outcome !== 'sent') throw new Error(`request ${id} was not sent: ${outcome}`);
    },
    reply() {
      const message = receive();
      if (!message) throw new Error(`the driver closed ${path}`);
      const view = new DataView(message.bytes.buffer);
      const textOffset = 12 + view.getUint32(8, true);
      return {
        id: view.getUint32(0, true),
        status: view.getInt32(4, true),
        bytes: message.bytes.slice(12, textOffset),
        text: new TextDecoder().decode(message.bytes.subarray(textOffset)),
      };
    },
    isClosed: () => receive() === undefined,
    [Symbol.dispose]: () => stack[Symbol.dispose](),
  };
}
