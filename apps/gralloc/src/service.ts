// The allocator's socket: one seqpacket connection a client. What a client asks is the allocator's to put in line, and is
// taken out again when the client goes.
import { type OwnedFd, peerCredentials, SystemError } from '@vsoc/native';
import { type ErrorCode, errnoOf, VsocError } from '@vsoc/vsoc';
import {
  type Client,
  decode,
  encode,
  listenAt,
  openSocket,
  openTurns,
  type UnixSocket,
} from '@vsoc/vsoc/wire';
import type { Allocation, Allocator } from './allocator.js';
import { aboutConnection, allocateAnswer, allocateRequest, outstandingLimit } from './protocol.js';

/** Connections at a time, of all processes and of one. */
const connectionLimit = 256;
const connectionLimitOfProcess = 16;
/** What is beyond is told why, and has so long to hang up: closed with a request unread, it would see nothing but a reset. */
const hangUpMs = 100;
/** As many at a time; whoever comes in larger crowds is closed at once. */
const turnedAwayLimit = 16;

/** Throws EADDRINUSE where another allocator serves already: only one may write the table. */
export function serveAllocator(path: string, allocator: Allocator): Disposable {
  /** With the process that each one comes from. */
  const clients = new Map<UnixSocket, number>();
  const turnedAway = new Set<UnixSocket>();

  function accept(connection: OwnedFd, turnsOfProcess: Client): void {
    // Budgets are a process's, so that a second connection is no second budget.
    const { pid } = peerCredentials(connection.fd);
    const ofProcess = [...clients.values()].filter((other) => other === pid).length;
    const full = problemOf(ofProcess, clients.size);
    if (full) turnAway(connection, turnsOfProcess, full);
    else serve(connection, turnsOfProcess, pid);
  }

  function serve(connection: OwnedFd, turnsOfProcess: Client, pid: number): void {
    const leaving = new AbortController();
    let waiting = 0;
    const close = () => {
      clients.delete(client);
      client[Symbol.dispose]();
      leaving.abort(clientGone);
    };
    const onMessage = async (bytes: Uint8Array, fds: readonly OwnedFd[]) => {
      for (const fd of fds) fd[Symbol.dispose]();
      const request = decode(allocateRequest, bytes);
      if (!request || ++waiting > outstandingLimit) {
        close();
        return;
      }
      const allocating = allocator.allocate(request, pid, { signal: leaving.signal });
      if (!(await answer(client, allocating, request.id))) close();
      waiting--;
    };
    const client = openSocket(connection, { onMessage, onEnd: close }, turnsOfProcess);
    clients.set(client, pid);
  }

  function turnAway(connection: OwnedFd, turnsOfProcess: Client, { code, text }: Problem): void {
    if (turnedAway.size >= turnedAwayLimit) {
      connection[Symbol.dispose]();
      return;
    }
    const close = () => {
      clearTimeout(closing);
      turnedAway.delete(socket);
      socket[Symbol.dispose]();
    };
    const onMessage = (_bytes: Uint8Array, fds: readonly OwnedFd[]) => {
      for (const fd of fds) fd[Symbol.dispose]();
    };
    const socket = openSocket(connection, { onMessage, onEnd: close }, turnsOfProcess);
    const closing = setTimeout(close, hangUpMs);
    turnedAway.add(socket);
    socket.send(encodeRefusal(aboutConnection, code, text));
  }

  const listener = listenAt(path, { type: 'seqpacket', mode: 0o666, turns: openTurns() }, accept);
  return {
    [Symbol.dispose]() {
      listener[Symbol.dispose]();
      for (const client of [...clients.keys(), ...turnedAway]) client[Symbol.dispose]();
    },
  };
}

interface Problem {
  readonly code: ErrorCode;
  readonly text: string;
}

/** Against one more connection. */
function problemOf(ofProcess: number, ofAll: number): Problem | undefined {
  if (ofProcess >= connectionLimitOfProcess)
    return { code: 'EMFILE', text: `${connectionLimitOfProcess} connections of this process are open` };
  if (ofAll >= connectionLimit)
    return { code: 'ENFILE', text: `${connectionLimit} connections of all processes are open` };
  return undefined;
}

const clientGone = new Error('the client is gone');
const nothing = { epoch: 0, entry: 0, generation: 0, availableBytes: 0 };

function encodeRefusal(id: number, code: ErrorCode, text: string, availableBytes = 0): Uint8Array {
  const values = { ...nothing, id, status: -errnoOf(code), availableBytes };
  return encode(allocateAnswer, values, new TextEncoder().encode(text));
}

/** False when the client does not take its answer: then the buffer is free again, since its token ends here. */
async function answer(client: UnixSocket, allocating: Promise<Allocation>, id: number): Promise<boolean> {
  try {
    const allocation = await allocating;
    if ('refused' in allocation) {
      const { refused, text, availableBytes } = allocation;
      return client.send(encodeRefusal(id, refused, text, availableBytes));
    }
    // The allocator's copy ends with this scope; the message holds the client's.
    using description = allocation.description;
    const values = { ...nothing, ...allocation.reference, id, status: 0 };
    return client.send(encode(allocateAnswer, values), [description.token.fd]);
  } catch (error) {
    if (error instanceof VsocError) return client.send(encodeRefusal(id, error.code, error.detail));
    // No descriptor left, or too many tokens in flight: this client's loss alone.
    if (error === clientGone || error instanceof SystemError) return false;
    throw error;
  }
}
