// A guest region inside a Worker: the same words and signals, and waits that block the thread. The wait is a COND_WAIT
// on a channel of the Worker's own, which blocks in receive; the token stays the sharing thread's.
import { type OwnedFd, receiveMessage, SystemError, sendMessage, waitReadable } from '@vsoc/native';
import type { AtomicWord, View } from '@vsoc/struct';
import { codeOf, VsocError } from '../errors.js';
import { ioctlNumber, type RegionDefinition, type RegionLayout } from '../layout/index.js';
import { RegionMemory } from '../region-memory.js';
import { post, signalTable } from '../signalling/index.js';
import { type BlockingWaitOptions, type BlockingWaitOutcome, nextSliceNs } from '../wait.js';
import {
  channelReply,
  channelRequest,
  channelVerb,
  type Doorbell,
  decode,
  encode,
  openAnswer,
  ring,
} from '../wire/index.js';
import { condWaitArgument } from './cond-wait.js';
import { connectBlocking } from './connect-blocking.js';

/** What a Worker needs of a region: goes through postMessage or workerData. Descriptors are the process's. */
export interface SharedGuestRegion {
  readonly window: SharedArrayBuffer;
  readonly layout: RegionLayout;
  readonly controlSocket: string;
  readonly tokenFd: number;
  readonly doorbell: Doorbell;
}

export interface GuestWorkerRegion<D extends RegionDefinition = RegionDefinition> extends Disposable {
  readonly layout: RegionLayout;
  readonly data: View<D['data']>;
  bytes(beginOffset: number, endOffset: number): Uint8Array;
  signalPeer(word: AtomicWord): void;
  /** Blocks the thread while `word` holds `value`. Throws ENODEV when the guest driver is gone. */
  blockWhile(word: AtomicWord, value: number, options?: BlockingWaitOptions): BlockingWaitOutcome;
}

/** The region must stay open in the sharing thread for as long as this is used. */
export function attachGuestRegion<D extends RegionDefinition>(
  definition: D,
  shared: SharedGuestRegion,
): GuestWorkerRegion<D> {
  const { layout, window, doorbell } = shared;
  const memory = new RegionMemory(layout.name, window, layout.beginOffset, layout.endOffset);
  const outgoing = signalTable(memory, layout.guestToHost, memory.sizeBytes);
  const channel = openBlockingChannel(shared);

  return {
    layout,
    data: definition.data.over(memory, layout.dataOffset) as View<D['data']>,
    bytes: (beginOffset, endOffset) => memory.bytes(beginOffset, endOffset),
    signalPeer(word) {
      if (post(outgoing, word.offset).mustRing) ring(doorbell);
    },
    blockWhile: (word, value, options = {}) => channel.condWait(word.offset, value, options),
    [Symbol.dispose]() {
      channel[Symbol.dispose]();
      memory[Symbol.dispose]();
    },
  };
}

interface BlockingChannel extends Disposable {
  condWait(offset: number, value: number, options: BlockingWaitOptions): BlockingWaitOutcome;
}

const op = 'VSOC_COND_WAIT';
/** The driver answers an open at once, unless others flood it; a silent one is not waited for. */
const openDeadlineMs = 5000;

const gone = () => new VsocError('ENODEV', op, 'the guest driver is gone: this guest has crashed');

/** A system call on the channel's socket, to whose end nobody listens in a thread that blocks. */
function orGone<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    const isGone = error instanceof SystemError && (error.code === 'EPIPE' || error.code === 'ECONNRESET');
    throw isGone ? gone() : error;
  }
}

function openBlockingChannel({ controlSocket, tokenFd }: SharedGuestRegion): BlockingChannel {
  const socket = connectBlocking(controlSocket, openDeadlineMs);
  const buffer = new Uint8Array(4096);
  let nextId = 1;

  /** The next message, or undefined when none came by `untilNs`. */
  function receiveBefore(untilNs: bigint): { bytes: Uint8Array; fds: OwnedFd[] } | undefined {
    for (;;) {
      const message = orGone(() => receiveMessage(socket.fd, buffer));
      if (message !== 'would-block') {
        if (message.byteCount > 0) return { bytes: buffer.subarray(0, message.byteCount), fds: message.fds };
        throw gone();
      }
      const leftMs = Number((untilNs - process.hrtime.bigint()) / 1_000_000n);
      if (leftMs < 0) return undefined;
      waitReadable(socket.fd, leftMs + 1);
    }
  }

  function open(): void {
    const opened = receiveBefore(process.hrtime.bigint() + BigInt(openDeadlineMs) * 1_000_000n);
    for (const fd of opened?.fds ?? []) fd[Symbol.dispose]();
    const answer = opened && decode(openAnswer, opened.bytes);
    if (answer?.status === 0) return;
    throw new VsocError(
      codeOf(answer?.status ?? 0) ?? 'EPROTO',
      'open',
      'the guest driver refused a channel',
    );
  }

  /** The reply to request `id`; answers to interrupted ones before it are passed over. */
  function replyBefore(id: number, untilNs: bigint): { status: number; text: string } | undefined {
    for (;;) {
      const message = receiveBefore(untilNs);
      if (!message) return undefined;
      const head = decode(channelReply, message.bytes);
      if (head?.id !== id) continue;
      const text = new TextDecoder().decode(message.bytes.subarray(channelReply.size + head.argumentBytes));
      return { status: head.status, text };
    }
  }

  function send(bytes: Uint8Array, fds: readonly number[]): void {
    if (orGone(() => sendMessage(socket.fd, bytes, fds)) !== 'would-block') return;
    throw new VsocError('EAGAIN', op, 'the channel to the guest driver is full');
  }

  try {
    open();
  } catch (error) {
    socket[Symbol.dispose]();
    throw error;
  }
  return {
    condWait(offset, value, options) {
      const id = nextId;
      nextId = (nextId + 1) >>> 0 || 1;
      const argument = condWaitArgument(offset, value, options.deadlineNs);
      send(encode(channelRequest, { id, request: ioctlNumber.condWait, argument: 0 }, argument), [tokenFd]);
      for (;;) {
        // The deadline is the driver's business: it looks at the word before it says so.
        const { deadlineNs: _, ...waking } = options;
        const slice = nextSliceNs(waking);
        if (slice === 'stopped' || slice === 'timed-out') {
          send(encode(channelRequest, { id: 0, request: channelVerb.interrupt, argument: id }), []);
          return slice;
        }
        const reply = replyBefore(id, slice);
        if (!reply) continue;
        if (reply.status >= 0) return 'changed';
        const code = codeOf(reply.status) ?? 'EPROTO';
        if (code === 'ETIMEDOUT') return 'timed-out';
        throw new VsocError(code, op, reply.text);
      }
    },
    [Symbol.dispose]: () => socket[Symbol.dispose](),
  };
}
