// One connection of a guest process: requests in, replies out. What it may do to the driver is bounded: 64 sleeping
// requests, and a reply that would block closes this channel alone.
import type { OwnedFd } from '@vsoc/native';
import { type ErrorCode, errnoOf, VsocError } from '@vsoc/vsoc';
import type { Driver, Pending } from '@vsoc/vsoc/driver';
import { ioctlNumber } from '@vsoc/vsoc/layout';
import {
  type Client,
  channelReply,
  channelRequest,
  channelVerb,
  decode,
  encode,
  openSocket,
  outstandingLimit,
  type UnixSocket,
} from '@vsoc/vsoc/wire';
import { type OpenClaimedCall, openClaimed } from './open-claimed.js';
import type { TokenTable } from './tokens.js';

export interface ServedChannel extends Disposable {
  /** The first message, with its descriptors. */
  greet(bytes: Uint8Array, fds: readonly number[]): void;
}

type Found = ReturnType<TokenTable['find']>;

const nothing = new Uint8Array(0);
const maySleep: ReadonlySet<number> = new Set([ioctlNumber.condWait, ioctlNumber.waitForIncomingInterrupt]);

export interface ChannelParts {
  /** Taken ownership of. */
  readonly connection: OwnedFd;
  readonly client: Client;
  /** The process at the other end. */
  readonly pid: number;
  readonly driver: Driver;
  readonly tokens: TokenTable;
  /** Why this process can open no further description; undefined while it can. */
  whyNoDescription(pid: number): string | undefined;
  /** Called once when it is over. */
  onEnd(): void;
}

export function serveChannel(parts: ChannelParts): ServedChannel {
  const { connection, client, driver, tokens, onEnd } = parts;
  const sleeping = new Map<number, Pending>();
  let isOpen = true;

  const onMessage = (bytes: Uint8Array, fds: readonly OwnedFd[]) => {
    takeRequest(bytes, findAll(fds));
  };
  const socket: UnixSocket = openSocket(connection, { onMessage, onEnd: close }, client);

  /** Ends with the message, whatever it brought: a copy kept here would keep a permission alive. */
  function findAll(fds: readonly OwnedFd[]): readonly Found[] {
    try {
      return fds.map((fd) => tokens.find(fd.fd));
    } finally {
      for (const fd of fds) fd[Symbol.dispose]();
    }
  }

  function close(): void {
    if (!isOpen) return;
    isOpen = false;
    socket[Symbol.dispose]();
    // Replies of what still sleeps go nowhere, but its waiters must leave the driver.
    for (const pending of [...sleeping.values()]) pending.interrupt();
    onEnd();
  }

  function send(bytes: Uint8Array, fds: readonly number[] = []): void {
    if (isOpen && !socket.send(bytes, fds)) close();
  }

  function reply(id: number, code: ErrorCode | undefined, argument: Uint8Array, text = ''): void {
    const status = code === undefined ? 0 : -errnoOf(code);
    const tail = text === '' ? argument : Buffer.concat([argument, Buffer.from(text)]);
    send(encode(channelReply, { id, status, argumentBytes: argument.byteLength }, tail));
  }

  /** Its copy of the token ends here: what is in the message is what counts. */
  function replyOpenClaimed(id: number, call: Omit<OpenClaimedCall, 'pid'>): void {
    const refusal = parts.whyNoDescription(parts.pid);
    if (refusal !== undefined) throw new VsocError('ENFILE', 'open claimed', refusal);
    using token = openClaimed(driver, tokens, { ...call, pid: parts.pid });
    send(encode(channelReply, { id, status: 0, argumentBytes: 0 }), [token.fd]);
  }

  function takeRequest(bytes: Uint8Array, found: readonly Found[]): void {
    const head = decode(channelRequest, bytes);
    // Not even an id to answer to: the peer speaks another protocol.
    if (!head) {
      close();
      return;
    }
    const { id, request, argument } = head;
    if (request === channelVerb.interrupt) {
      sleeping.get(argument)?.interrupt();
      return;
    }
    try {
      const [description, managed] = found;
      if (!description) throw new VsocError('EBADF', 'ioctl', 'no token of this driver is attached');
      if (sleeping.has(id)) throw new VsocError('EINVAL', 'ioctl', `request ${id} sleeps already`);
      // Wakes and signals go on when nothing more may sleep: they are answered at once.
      if (sleeping.size >= outstandingLimit && maySleep.has(request)) {
        throw new VsocError('EBUSY', 'ioctl', `${outstandingLimit} requests of this channel sleep already`);
      }
      const argumentBytes = bytes.subarray(channelRequest.size);
      if (request === channelVerb.openClaimed) {
        replyOpenClaimed(id, { manager: description, witness: managed, bytes: argumentBytes });
        return;
      }
      const pending = driver.ioctl({
        description,
        request,
        argument,
        bytes: argumentBytes,
        managed,
        finish(code, answer, text) {
          sleeping.delete(id);
          reply(id, code, answer, text);
        },
      });
      if (pending) sleeping.set(id, pending);
    } catch (error) {
      if (!(error instanceof VsocError)) throw error;
      reply(id, error.code, nothing, error.detail);
    }
  }

  return { greet: send, [Symbol.dispose]: close };
}
