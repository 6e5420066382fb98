/** A client of the allocator that shares no code with the library's: words on a socket, as C would put them there. */
import { EventEmitter, once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connectUnix, createPipe, type OwnedFd, watch } from '@vsoc/native';
import type { Child } from '@vsoc/process/launcher';
import { openSocket } from '@vsoc/vsoc/wire';
import { expect } from 'vitest';
import type { AllocationRequest } from '../src/guest.js';
import { allocatorSocketOf } from '../src/sockets.js';
import { picture, type TestGuest } from './run.js';

export function openRaw({ paths }: TestGuest) {
  const answers: { bytes: Buffer; fds: OwnedFd[] }[] = [];
  const arrived = new EventEmitter();
  let ended = false;
  const socket = openSocket(connectUnix(allocatorSocketOf(paths), 'seqpacket'), {
    onMessage(bytes, fds) {
      answers.push({ bytes: Buffer.from(bytes), fds });
      arrived.emit('answer');
    },
    onEnd() {
      ended = true;
    },
  });
  return {
    answers,
    /** The allocator hung up. */
    ended: () => ended,
    /** The descriptors are gone from this process, taken or not. */
    send(bytes: Uint8Array, offered: readonly OwnedFd[] = []) {
      const taken = socket.send(
        bytes,
        offered.map(({ fd }) => fd),
      );
      for (const fd of offered) fd[Symbol.dispose]();
      return taken;
    },
    /** All answers, once there are `count`. */
    async answered(count: number) {
      while (answers.length < count) await once(arrived, 'answer');
      return answers.map(({ bytes, fds }) => ({
        id: bytes.readUInt32LE(0),
        status: bytes.readInt32LE(4),
        reference: [8, 12, 16].map((at) => bytes.readUInt32LE(at)),
        availableBytes: bytes.readUInt32LE(20),
        text: bytes.subarray(24).toString(),
        tokens: fds.length,
      }));
    },
    [Symbol.dispose]() {
      for (const fd of answers.flatMap(({ fds }) => fds)) fd[Symbol.dispose]();
      socket[Symbol.dispose]();
    },
  };
}

/** Five little-endian words, and 0 behind them where more bytes are asked for. */
export function requestBytes(id: number, wrong: Partial<AllocationRequest> = {}, sizeBytes = 20): Buffer {
  const { widthPx, heightPx, format, usage } = { ...picture, ...wrong };
  const bytes = Buffer.alloc(sizeBytes);
  for (const [index, word] of [id, widthPx, heightPx, format, usage].entries())
    bytes.writeUInt32LE(word, 4 * index);
  return bytes;
}

/** A descriptor to be given away, and whether its last copy was closed. */
export function openOffer() {
  const { read, write } = createPipe();
  let closed = false;
  const watching = watch(read.fd, 'hang-up', () => {
    closed = true;
  });
  return {
    /** To be disposed by who takes it. */
    give: (): [OwnedFd] => [write],
    closed: () => closed,
    [Symbol.dispose]() {
      for (const owned of [watching, read, write]) owned[Symbol.dispose]();
    },
  };
}

/** Stands still until disposed. */
export async function stopped(child: Child): Promise<Disposable> {
  // Field 3, behind the name in parentheses.
  const state = () => readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ').at(-1)?.[0];
  child.kill('SIGSTOP');
  await expect.poll(state).toBe('T');
  return { [Symbol.dispose]: () => child.kill('SIGCONT') };
}
