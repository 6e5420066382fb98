// A guest process's request connection to guest-driver: ioctls go out with their token attached, replies come back in
// any order and are told apart by id.
import type { OwnedFd } from '@vsoc/native';
import type { Fields, StructType, Values, ValuesOf } from '@vsoc/struct';
import { codeOf, VsocError } from '../errors.js';
import {
  channelReply,
  channelRequest,
  channelVerb,
  connectSocket,
  decode,
  encode,
  openAnswer,
  type UnixSocket,
} from '../wire/index.js';

export interface ChannelCall {
  /** An ioctl number of the header. */
  readonly request: number;
  /** What error messages call it. */
  readonly op: string;
  /** The tokens it is about: the calling description, then CREATE's managed one. */
  readonly tokens: readonly number[];
  readonly bytes?: Uint8Array;
  readonly argument?: number;
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

const crashed = () =>
  new VsocError('ENODEV', 'guest driver', 'the guest driver is gone: this guest has crashed');

/** Connects to `path` and waits for the first message. Rejects with ENOENT where there is no such node. */
export function openNode(path: string): Promise<{ answer: OpenAnswer; channel: Channel }> {
  return new Promise((resolve, reject) => {
    const losing = new AbortController();
    const waiting = new Map<number, { op: string; onAnswer: (answer: Answer) => void }>();
    let opened = false;
    let nextId = 1;

    const socket: UnixSocket = connectSocket(path, 'seqpacket', {
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

    function lose(error: Error): void {
      if (!opened) reject(error);
      losing.abort(error);
      const lost = error instanceof VsocError ? error : crashed();
      for (const { onAnswer } of waiting.values()) onAnswer({ error: lost, bytes: new Uint8Array(0) });
      waiting.clear();
    }

    function takeOpenAnswer(bytes: Uint8Array, fds: OwnedFd[]): void {
      const head = readHead(openAnswer, bytes, fds);
      if (head.status !== 0) {
        for (const fd of fds) fd[Symbol.dispose]();
        const text = new TextDecoder().decode(bytes.subarray(openAnswer.size));
        throw new VsocError(codeOf(head.status) ?? 'EPROTO', 'open', text);
      }
      opened = true;
      resolve({ answer: { ...head, fds }, channel });
    }

    function takeReply(bytes: Uint8Array, fds: OwnedFd[]): void {
      const head = readHead(channelReply, bytes, fds);
      for (const fd of fds) fd[Symbol.dispose]();
      const waiter = waiting.get(head.id);
      waiting.delete(head.id);
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
      callNow({ request, op, tokens, bytes, argument = 0, signal }, onAnswer) {
        if (losing.signal.aborted) throw crashed();
        const id = nextId;
        nextId = (nextId + 1) >>> 0 || 1;
        const onAbort = () => interrupt(id);
        waiting.set(id, {
          op,
          onAnswer(answer) {
            signal?.removeEventListener('abort', onAbort);
            onAnswer(answer);
          },
        });
        if (!socket.send(encode(channelRequest, { id, request, argument }, bytes), tokens)) {
          waiting.delete(id);
          throw new VsocError('EAGAIN', op, 'the channel to the guest driver is full');
        }
        if (signal?.aborted) onAbort();
        else signal?.addEventListener('abort', onAbort, { once: true });
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
        socket[Symbol.dispose]();
        lose(new VsocError('EBADF', 'channel', 'the device is closed'));
      },
    };

    /** The request itself answers EINTR; this message has no answer of its own. */
    function interrupt(id: number): void {
      socket.send(encode(channelRequest, { id: 0, request: channelVerb.interrupt, argument: id }));
    }
  });
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
