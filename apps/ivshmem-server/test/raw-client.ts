/**
 * A client that speaks to the server byte by byte, for tests that must see or do what the library would not. It blocks
 * its thread for the answers: the peers are other processes.
 */
import {
  connectUnix,
  DisposableStack,
  type OwnedFd,
  receiveMessage,
  sendMessage,
  waitReadable,
} from '@vsoc/native';
import { hostAnswer, hostHello, hostNotice } from '@vsoc/vsoc/wire';

/** A watchdog: it blocks the thread whose timers are the test's own. */
const timeoutMs = 60_000;

export interface RawClient extends Disposable {
  /** False where the peer does not take it, or is gone. */
  send(bytes: Uint8Array, fds?: readonly number[]): boolean;
  /** Exactly so many bytes. Throws when the peer closes before, or is silent. */
  read(byteCount: number): DataView;
  /** What comes until the peer closes. */
  readToEnd(): Uint8Array;
  /** All that came, in order; they are the client's. */
  readonly fds: readonly OwnedFd[];
}

export function openRawClient(path: string, type: 'stream' | 'seqpacket' = 'stream'): RawClient {
  const stack = new DisposableStack();
  const socket = stack.use(connectUnix(path, type));
  const fds: OwnedFd[] = [];
  let bytes: Uint8Array = new Uint8Array(0);

  /** False at the end. */
  function receive(): boolean {
    const room = new Uint8Array(4096);
    for (;;) {
      const message = receiveMessage(socket.fd, room);
      if (message === 'would-block') {
        if (waitReadable(socket.fd, timeoutMs) === 'timed-out')
          throw new Error(`silent for ${timeoutMs} ms after ${bytes.byteLength} bytes`);
        continue;
      }
      for (const fd of message.fds) fds.push(stack.use(fd));
      bytes = Buffer.concat([bytes, room.subarray(0, message.byteCount)]);
      return message.byteCount > 0;
    }
  }

  return {
    fds,
    send(sent, sentFds = []) {
      try {
        return sendMessage(socket.fd, sent, sentFds) === sent.byteLength;
      } catch {
        return false;
      }
    },
    read(byteCount) {
      while (bytes.byteLength < byteCount) {
        if (!receive()) throw new Error(`closed after ${bytes.byteLength} of ${byteCount} bytes`);
      }
      const taken = bytes.slice(0, byteCount);
      bytes = bytes.subarray(byteCount);
      return new DataView(taken.buffer, taken.byteOffset, taken.byteLength);
    },
    readToEnd() {
      while (receive()) {
        /* the rest */
      }
      return bytes;
    },
    [Symbol.dispose]: () => stack[Symbol.dispose](),
  };
}

/** A region's name as the host protocol has it. */
export function encodeName(name: string, lengthBytes = Buffer.byteLength(name)): Uint8Array {
  const head = Buffer.alloc(2);
  head.writeInt16LE(lengthBytes);
  return Buffer.concat([head, Buffer.from(name)]);
}

export function readHello(client: RawClient): number {
  return hostHello.read(client.read(hostHello.size), 0).version;
}

export function readAnswer(client: RawClient) {
  const answer = hostAnswer.read(client.read(hostAnswer.size), 0);
  const text = answer.textLength === 0 ? '' : Buffer.from(client.read(answer.textLength).buffer).toString();
  return { ...answer, text };
}

/** The epoch of the next notice; throws on any other kind. */
export function readNotice(client: RawClient): number {
  const { kind, epoch } = hostNotice.read(client.read(hostNotice.size), 0);
  if (kind !== 1) throw new Error(`notice of kind ${kind}`);
  return epoch;
}

/** A host client that has been let in. */
export function openRawRegion(path: string, name: string): RawClient {
  const client = openRawClient(path);
  readHello(client);
  client.send(encodeName(name));
  const { status, text } = readAnswer(client);
  if (status !== 0) throw new Error(`refused: ${status} ${text}`);
  return client;
}
