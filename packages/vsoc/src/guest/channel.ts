// A guest process's request connection to guest-driver: ioctls go out with their token attached, replies come back in
// any order and are told apart by id.
import { type OwnedFd, SystemError } from '@vsoc/native';
import type { Fields, StructType, Values, ValuesOf } from '@vsoc/struct';
import { type AbortOptions, listenForAbort } from '../abort.js';
import { codeOf, VsocError } from '../errors.js';
import {
  channelReply,
  channelRequest,
  channelVerb,
  connectSocket,
  decode,
  encode,
  openAnswer,
  outstandingLimit,
  type SocketEvents,
  type UnixSocket,
} from '../wire/index.js';
import { createAbortListeners } from './abort-listeners.js';

export interface ChannelCall {
  /** An ioctl number of the header, or one of channelVerb. */
  readonly request: number;
  /** What error messages call it. */
  readonly op: string;
  /** The tokens it is about: the calling description, then the managed one of CREATE or open claimed. */
  readonly tokens: readonly number[];
  readonly bytes?: Uint8Array;
  readonly argument?: number;
  /** Takes ownership of a token that the reply brings. */
  readonly onToken?: (token: OwnedFd) => void;
  /** Interrupts a request that sleeps in the driver; the call rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

export interface Channel extends Disposable {
  /** The driver's answer: argument bytes. Rejects with VsocError, its code the driver's errno. */
  call(call: ChannelCall): Promise<Uint8Array>;
  /** The same, with the answer handed over at once instead of in a later microtask. */
  callNow(call: ChannelCall, onAnswer: (answer: Answer) => void): void;
  /** Aborted when the driver is gone: the guest has crashed. */
  readonly lost: AbortSignal;
}

export type Answer =
  | { readonly error: VsocError; readonly bytes: Uint8Array }
  | { readonly bytes: Uint8Array };

/** First message of a node or of dev/control, with its descriptors; the caller owns them. */
export interface OpenAnswer extends Values<typeof openAnswer> {
  readonly fds: readonly OwnedFd[];
}

/** A request that waits for its reply. */
interface Waiter {
  readonly op: string;
  readonly onToken: ((token: OwnedFd) => void) | undefined;
  readonly onAnswer: (answer: Answer) => void;
}

const disposeFd = (fd: OwnedFd) => fd[Symbol.dispose]();
const crashed = () =>
  new VsocError('ENODEV', 'guest driver', 'the guest driver is gone: this guest has crashed');
const closed = () => new VsocError('EBADF', 'channel', 'the device is closed');

/**
 * Unanswered requests of a channel. The driver lets fewer sleep, and as many answers fit into the socket however late
 * they are read; a burst past it is refused here, before it could cost the channel.
 */
const unansweredLimit = 2 * outstandingLimit;

/** Connects to `path` and waits for the first message. Rejects with ENOENT without such a node, ENODEV without driver. */
export function openNode(
  path: string,
  { signal: opening }: AbortOptions = {},
): Promise<{ answer: OpenAnswer; channel: Channel }> {
  return new Promise((resolve, reject) => {
    opening?.throwIfAborted();
    const losing = new AbortController();
    const waiting = new Map<number, Waiter>();
    let opened = false;
    let disposed = false;
    let nextId = 1;

    const socket: UnixSocket = connectNode(path, {
      onMessage(bytes, fds) {
        try {
          if (opened) takeReply(bytes, fds);
          else takeOpenAnswer(bytes, fds);
        } catch (error) {
          socket[Symbol.dispose]();
          lose(error as Error);
        }
      },
      onEnd: (error) => lose(error ?? crashed()),
    });

    // The request itself answers EINTR; this message has no answer of its own.
    const aborts = createAbortListeners((id) =>
      socket.send(encode(channelRequest, { id: 0, request: channelVerb.interrupt, argument: id })),
    );

    const aborting = listenForAbort(opening, (reason) => {
      socket[Symbol.dispose]();
      lose(reason);
    });

    function lose(error: Error): void {
      aborting[Symbol.dispose]();
      if (!opened) reject(error);
      losing.abort(error);
      answerAll(error instanceof VsocError ? error : crashed());
    }

    function answerAll(error: VsocError): void {
      const all = [...waiting.values()];
      waiting.clear();
      for (const { onAnswer } of all) onAnswer({ error, bytes: new Uint8Array(0) });
    }

    function takeOpenAnswer(bytes: Uint8Array, fds: OwnedFd[]): void {
      const head = readHead(openAnswer, bytes, fds);
      if (head.status !== 0) {
        for (const fd of fds) fd[Symbol.dispose]();
        const text = new TextDecoder().decode(bytes.subarray(openAnswer.size));
        throw new VsocError(codeOf(head.status) ?? 'EPROTO', 'open', text);
      }
      opened = true;
      aborting[Symbol.dispose]();
      resolve({ answer: { ...head, fds }, channel });
    }

    function takeReply(bytes: Uint8Array, fds: OwnedFd[]): void {
      const head = readHead(channelReply, bytes, fds);
      const waiter = waiting.get(head.id);
      waiting.delete(head.id);
      for (const fd of fds) (waiter?.onToken ?? disposeFd)(fd);
      if (!waiter) return;
      const argument = bytes.slice(channelReply.size, channelReply.size + head.argumentBytes);
      if (head.status >= 0) {
        waiter.onAnswer({ bytes: argument });
        return;
      }
      const text = new TextDecoder().decode(bytes.subarray(channelReply.size + head.argumentBytes));
      const error = new VsocError(codeOf(head.status) ?? 'EPROTO', waiter.op, text);
      waiter.onAnswer({ error, bytes: argument });
    }

    const channel: Channel = {
      lost: losing.signal,
      callNow({ request, op, tokens, bytes, argument = 0, onToken, signal }, onAnswer) {
        if (disposed) throw closed();
        if (losing.signal.aborted) throw crashed();
        if (waiting.size >= unansweredLimit) {
          throw new VsocError('EAGAIN', op, `${unansweredLimit} requests of this channel are unanswered`);
        }
        const id = nextId;
        nextId = (nextId + 1) >>> 0 || 1;
        if (!socket.send(encode(channelRequest, { id, request, argument }, bytes), tokens)) {
          // Told here already, since what is full is worth another try.
          if (socket.isGone) throw crashed();
          throw new VsocError('EAGAIN', op, 'the channel to the guest driver is full');
        }
        // Its answer comes in a later turn. What could not be sent, a number or a descriptor that is refused, has none.
        waiting.set(id, {
          op,
          onToken,
          onAnswer(answer) {
            if (signal) aborts.remove(signal, id);
            onAnswer(answer);
          },
        });
        if (signal) aborts.add(signal, id);
      },
      call: (call) =>
        new Promise((resolveCall, rejectCall) => {
          call.signal?.throwIfAborted();
          channel.callNow(call, (answer) => {
            if (!('error' in answer)) resolveCall(answer.bytes);
            else if (call.signal?.aborted) rejectCall(call.signal.reason);
            else rejectCall(answer.error);
          });
        }),
      [Symbol.dispose]() {
        disposed = true;
        socket[Symbol.dispose]();
        aborts[Symbol.dispose]();
        // An error is dear, and a node's connection is closed at each open.
        if (waiting.size > 0) answerAll(closed());
      },
    };
  });
}

function connectNode(path: string, events: SocketEvents): UnixSocket {
  try {
    return connectSocket(path, 'seqpacket', events);
  } catch (cause) {
    throw nodeError(path, cause);
  }
}

/** What open(2) of a device would have said where `cause` kept a socket from connecting to its node. */
export function nodeError(path: string, cause: unknown): unknown {
  const code = cause instanceof SystemError ? cause.code : undefined;
  if (code === 'ENOENT') return new VsocError('ENOENT', 'open', `there is no node ${path}`, { cause });
  if (code !== 'ECONNREFUSED') return cause;
  return new VsocError('ENODEV', 'open', `the driver of node ${path} is gone`, { cause });
}

/** The struct at the front of a message; a shorter message breaks the protocol. */
function readHead<F extends Fields>(
  type: StructType<F>,
  bytes: Uint8Array,
  fds: readonly OwnedFd[],
): ValuesOf<F> {
  const head = decode(type, bytes);
  if (head) return head;
  for (const fd of fds) fd[Symbol.dispose]();
  const seen = `${bytes.byteLength} bytes where ${type.cName} has ${type.size}`;
  throw new VsocError('EPROTO', 'channel', `message of the guest driver has ${seen}`);
}
