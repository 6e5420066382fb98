/** Buffers among real processes: handed out, sent on, imported, and free again when the last holder is gone. */
import { readdirSync, readlinkSync } from 'node:fs';
import { createPipe, DisposableStack, duplicateFd } from '@vsoc/native';
import { guardLeaks, sharedByTests } from '@vsoc/testkit/hooks';
import { hex } from '@vsoc/vsoc/layout';
import { connectSocket } from '@vsoc/vsoc/wire';
import { expect, test } from 'vitest';
import { pixelFormat } from '../src/formats.js';
import type { GraphicsBuffer } from '../src/guest.js';
import { entryCount } from '../src/layout.js';
import { allocatorSocketOf } from '../src/sockets.js';
import { startHolder } from './holder.js';
import {
  allocated,
  freedAfterEachTest,
  memoryBytes,
  openClient,
  openManager,
  picture,
  startGuest,
} from './run.js';

// One client may take it all: the budget has tests of its own.
const allocatorArgs = ['--budget-bytes', String(2 * memoryBytes), '--budget-buffers', String(2 * entryCount)];
const guest = sharedByTests(() => startGuest({ allocatorArgs }));
freedAfterEachTest(guest);
guardLeaks();

const sumOf = (bytes: Uint8Array) => bytes.reduce((total, byte) => total + byte, 0);

test('a buffer that is sent on shows the same bytes there, and lives until its last holder is killed', async () => {
  using client = await openClient(guest);
  using manager = await openManager(client);
  using holder = await startHolder(guest);
  const buffer = await allocated(client.gralloc);
  const { reference, widthPx, heightPx, strideBytes } = buffer;
  const { owner } = manager.entry(reference.entry);
  buffer.bytes.fill(3);
  const seen = await holder.give(reference, buffer.token);
  expect(seen).toEqual({ widthPx, heightPx, strideBytes, sum: 3 * buffer.bytes.byteLength });

  const kept = buffer.bytes;
  buffer[Symbol.dispose]();
  expect(kept.byteLength).toBe(0);
  expect(() => buffer.bytes).toThrow();
  expect(owner.load()).toBe(reference.generation);

  holder.child.kill('SIGKILL');
  await expect.poll(() => owner.load()).toBe(0);
  using next = await allocated(client.gralloc);
  expect(next.reference.entry).toBe(reference.entry);
  expect(next.reference.generation).not.toBe(reference.generation);
  expect(sumOf(next.bytes)).toBe(0);
});

test('an import where descriptor, table and reference disagree is stale, and its descriptor is closed', async () => {
  using client = await openClient(guest);
  using manager = await openManager(client);
  using buffer = await allocated(client.gralloc);
  using other = await allocated(client.gralloc);
  const { reference } = buffer;
  const entry = manager.entry(reference.entry);
  const { endOffset, heightPx } = entry;
  const { beginOffset, owner } = entry;
  const sound = { endOffset, heightPx };
  const otherGeneration = reference.generation + 1;
  manager.entry(other.reference.entry).generation.store(otherGeneration);
  const cases = [
    [{ ...reference, epoch: reference.epoch + 1 }, sound, `this is epoch ${reference.epoch}`],
    [{ ...reference, generation: 77 }, sound, `the entry is at ${reference.generation}`],
    [{ ...reference, entry: entryCount }, sound, `the table has ${entryCount} entries`],
    [
      { ...other.reference, generation: otherGeneration },
      sound,
      `the permission is of generation ${reference.generation}`,
    ],
    [
      reference,
      { endOffset: endOffset + 4096 },
      `the permission has the area ${hex(beginOffset)}–${hex(endOffset)}, the entry ${hex(beginOffset)}–${hex(endOffset + 4096)}`,
    ],
    [
      reference,
      { endOffset, heightPx: heightPx + 1 },
      'format 0x1, 64×17 px, lines of 0x100 B and an area of 0x1000 B do not agree',
    ],
  ] as const;
  for (const [said, written, text] of cases) {
    Object.assign(entry, written);
    const token = duplicateFd(buffer.token.fd);
    const refusal = { code: 'ESTALE', detail: expect.stringContaining(text) };
    await expect(client.gralloc.import(said, token)).rejects.toMatchObject(refusal);
    expect(token.closed).toBe(true);
  }
  Object.assign(entry, sound);
  manager.entry(other.reference.entry).generation.store(reference.generation);
  const asOther = { ...reference, entry: other.reference.entry };
  const { owner: otherOwner } = manager.entry(other.reference.entry);
  await expect(client.gralloc.import(asOther, duplicateFd(buffer.token.fd))).rejects.toMatchObject({
    code: 'ESTALE',
    detail: expect.stringContaining(
      `the permission has the owner word at ${hex(owner.offset)}, the entry at ${hex(otherOwner.offset)}`,
    ),
  });
  (await client.gralloc.import(reference, duplicateFd(buffer.token.fd)))[Symbol.dispose]();
});

test('a descriptor that stands for no buffer is refused, and closed', async () => {
  using client = await openClient(guest);
  using manager = await openManager(client);
  using buffer = await allocated(client.gralloc);
  const { read, write: stranger } = createPipe();
  read[Symbol.dispose]();
  await expect(client.gralloc.import(buffer.reference, stranger)).rejects.toMatchObject({ code: 'EBADF' });
  const region = duplicateFd(manager.description.token.fd);
  await expect(client.gralloc.import(buffer.reference, region)).rejects.toMatchObject({ code: 'EINVAL' });
  expect([stranger.closed, region.closed]).toEqual([true, true]);
});

test('a full table and a full memory are outcomes with the largest free run; what is freed is found again', async () => {
  using client = await openClient(guest);
  using held = new DisposableStack();
  const buffers: GraphicsBuffer[] = [];
  const hold = (buffer: GraphicsBuffer) => buffers.push(held.use(buffer));
  hold(await allocated(client.gralloc));
  const whole = { ...picture, format: pixelFormat.blob, widthPx: memoryBytes, heightPx: 1 };
  const refused = await client.gralloc.allocate(whole);
  expect(refused).toEqual({ refused: 'ENOSPC', largestFreeBytes: memoryBytes - 4096 });

  while (buffers.length < entryCount) hold(await allocated(client.gralloc));
  expect(new Set(buffers.map(({ reference }) => reference.entry)).size).toBe(entryCount);
  expect(await client.gralloc.allocate(picture)).toEqual({ refused: 'ENOSPC', largestFreeBytes: 0 });

  buffers[100]?.[Symbol.dispose]();
  let again = await client.gralloc.allocate(picture);
  while ('refused' in again) again = await client.gralloc.allocate(picture);
  hold(again);
  expect(again.reference.entry).toBe(100);
});

test('a request that no allocator could meet is refused by name', async () => {
  using client = await openClient(guest);
  for (const [request, text] of [
    [{ ...picture, format: 99 }, '; saw 0x63'],
    [{ ...picture, widthPx: 0 }, 'width of a buffer is 1 to 16384 px, not 0'],
    [{ ...picture, heightPx: 0xffff_ffff }, 'height of a buffer is 1 to 16384 px, not 4294967295'],
  ] as const) {
    const refusal = { code: 'EINVAL', detail: expect.stringContaining(text) };
    await expect(client.gralloc.allocate(request)).rejects.toMatchObject(refusal);
  }
  await expect(client.gralloc.allocate({ ...picture, usage: -1 })).rejects.toThrow(RangeError);
});

/** Pipe ends among the descriptors of a process: Node's own, and tokens. */
function pipeCount(pid: number): number {
  const links = readdirSync(`/proc/${pid}/fd`).map((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`);
    } catch {
      return ''; // closed meanwhile
    }
  });
  return links.filter((link) => link.startsWith('pipe:')).length;
}

test('after it handed buffers out the allocator holds no token of them', async () => {
  using client = await openClient(guest);
  const pid = guest.allocator.pid as number;
  const idle = pipeCount(pid);
  using held = new DisposableStack();
  const buffers = await Promise.all(Array.from({ length: 8 }, () => allocated(client.gralloc)));
  for (const buffer of buffers) held.use(buffer);
  // The last answer may be here before the allocator has closed its own copy.
  await expect.poll(() => pipeCount(pid)).toBe(idle);
});

/** A client that speaks no sense; `ended` once the allocator hung up. */
function openStranger() {
  let ended = false;
  const socket = connectSocket(allocatorSocketOf(guest.paths), 'seqpacket', {
    onMessage(_bytes, fds) {
      for (const fd of fds) fd[Symbol.dispose]();
    },
    onEnd() {
      ended = true;
    },
  });
  return { send: socket.send, ended: () => ended, [Symbol.dispose]: () => socket[Symbol.dispose]() };
}

test('a client that floods is closed alone, and what it was granted is free again', async () => {
  using client = await openClient(guest);
  using manager = await openManager(client);
  using flooder = openStranger();
  const request = Buffer.from('0100000040000000100000000100000000000000', 'hex');
  for (let i = 0; i < 200; i++) flooder.send(request);
  await expect.poll(flooder.ended).toBe(true);
  using buffer = await allocated(client.gralloc);
  expect(buffer.bytes.byteLength).toBe(4096);
  await expect.poll(manager.live).toBe(1);
});

test('a client that sends half a request is closed alone', async () => {
  using client = await openClient(guest);
  using stranger = openStranger();
  stranger.send(new Uint8Array(7));
  await expect.poll(stranger.ended).toBe(true);
  using _buffer = await allocated(client.gralloc);
});

test('more connections of a process than the allocator takes are closed at once, the others served on', async () => {
  using client = await openClient(guest);
  const crowd = Array.from({ length: 40 }, openStranger);
  await expect.poll(() => crowd.filter((stranger) => stranger.ended()).length).toBe(40 - 15);
  (await allocated(client.gralloc))[Symbol.dispose]();
  for (const stranger of crowd) stranger[Symbol.dispose]();
});

test('more requests at a time than the allocator takes are refused before they are sent', async () => {
  using client = await openClient(guest);
  const requests = Array.from({ length: 20 }, () => allocated(client.gralloc));
  const outcomes = await Promise.allSettled(requests);
  const rejected = outcomes.filter((outcome) => outcome.status === 'rejected');
  expect(rejected.map(({ reason }) => reason.code)).toEqual(['EAGAIN', 'EAGAIN', 'EAGAIN', 'EAGAIN']);
  for (const outcome of outcomes) if (outcome.status === 'fulfilled') outcome.value[Symbol.dispose]();
  using _buffer = await allocated(client.gralloc);
});
