/**
 * What another process can offer as a buffer: messages and descriptors that do not agree with each other, with the table or
 * with this life of the guest. Each is refused with a code and a reason, and every descriptor that came along is closed.
 */
import { createEventfd, createPipe, createSocketPair, duplicateFd, type OwnedFd } from '@vsoc/native';
import { guardLeaks, sharedByTests } from '@vsoc/testkit/hooks';
import { hex } from '@vsoc/vsoc/layout';
import { encode } from '@vsoc/vsoc/wire';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { GraphicsBuffer } from '../src/guest.js';
import { entryCount, grallocMemory } from '../src/layout.js';
import { type BufferReference, nameOf, sentBuffer } from '../src/protocol.js';
import { allocated, openClient, openManager, startGuest } from './run.js';

const guest = sharedByTests(startGuest);
const client = sharedByTests(() => openClient(guest));
const manager = sharedByTests(() => openManager(client));
guardLeaks();

let buffer: GraphicsBuffer;
beforeEach(async () => {
  buffer = await allocated(client.gralloc);
});
afterEach(async () => {
  // What was refused holds nothing: only the one buffer lived, and it ends with its holder.
  await expect.poll(manager.live).toBe(1);
  buffer[Symbol.dispose]();
  await expect.poll(manager.live).toBe(0);
});

const token = (of: GraphicsBuffer = buffer) => duplicateFd(of.token.fd);
const message = (change: Partial<BufferReference> = {}) =>
  encode(sentBuffer, { ...buffer.reference, ...change });
const closedOf = (fds: readonly OwnedFd[]) => fds.map((fd) => fd.closed);

describe('receive', () => {
  const protocol = (seen: string) => ({
    name: 'VsocError',
    code: 'EPROTO',
    op: 'receive',
    detail: `expected at least 12 bytes with one descriptor, saw ${seen}`,
  });

  test.each([0, 1, 11])('refuses a message of %i bytes, and closes its descriptor', async (byteCount) => {
    const fds = [token()];
    const receiving = client.gralloc.receive(message().subarray(0, byteCount), fds);
    await expect(receiving).rejects.toMatchObject(protocol(`${byteCount} bytes with 1 descriptors`));
    expect(closedOf(fds)).toEqual([true]);
  });

  test('refuses a message without a descriptor', async () => {
    const receiving = client.gralloc.receive(message(), []);
    await expect(receiving).rejects.toMatchObject(protocol('12 bytes with 0 descriptors'));
  });

  test('refuses more than one, and closes all of them', async () => {
    for (const count of [2, 3, 100]) {
      const fds = Array.from({ length: count }, () => token());
      const receiving = client.gralloc.receive(message(), fds);
      await expect(receiving).rejects.toMatchObject(protocol(`12 bytes with ${count} descriptors`));
      expect(closedOf(fds)).toEqual(Array(count).fill(true));
    }
  });

  test('takes what agrees, and leaves unread what lies behind the reference', async () => {
    using received = await client.gralloc.receive(message(), [token()]);
    using longer = await client.gralloc.receive(Buffer.concat([message(), Buffer.alloc(5, 0xff)]), [token()]);
    expect([received.reference, longer.reference]).toEqual([buffer.reference, buffer.reference]);
  });
});

describe.each(['import', 'receive'] as const)('%s', (how) => {
  const offer = (reference: BufferReference, fd: OwnedFd) =>
    how === 'import'
      ? client.gralloc.import(reference, fd)
      : client.gralloc.receive(encode(sentBuffer, reference), [fd]);

  async function expectRefusal(reference: BufferReference, fd: OwnedFd, refusal: object): Promise<void> {
    await expect(offer(reference, fd)).rejects.toMatchObject({ name: 'VsocError', ...refusal });
    expect(fd.closed).toBe(true);
  }
  const stale = (reference: BufferReference, text: string) => ({
    code: 'ESTALE',
    op: 'import',
    detail: `${nameOf(reference)} (epoch ${reference.epoch}): ${text}`,
  });

  test('refuses the reference of another life of the guest', async () => {
    const { reference } = buffer;
    for (const epoch of [0, reference.epoch - 1, reference.epoch + 1, 0xffff_ffff]) {
      if (epoch < 0) continue;
      const said = { ...reference, epoch };
      await expectRefusal(said, token(), stale(said, `this is epoch ${reference.epoch}`));
    }
  });

  test('refuses another generation: one before, one to come, none', async () => {
    const { reference } = buffer;
    const { generation } = reference;
    for (const other of [0, generation - 1, generation + 1, 0xffff_ffff]) {
      const said = { ...reference, generation: other };
      await expectRefusal(said, token(), stale(said, `the entry is at ${generation}`));
    }
  });

  test('refuses an entry that the table does not have, that never had a buffer, that has another one', async () => {
    using other = await allocated(client.gralloc);
    const { reference } = buffer;
    for (const entry of [entryCount, 0xffff_ffff]) {
      const said = { ...reference, entry };
      await expectRefusal(said, token(), stale(said, 'the table has 128 entries'));
    }
    const unused = { ...reference, entry: entryCount - 1 };
    await expectRefusal(unused, token(), stale(unused, 'the entry is at 0'));
    // No buffer ever was there, and 0 is nobody's generation.
    const nobody = { ...unused, generation: 0 };
    const ownGeneration = `the permission is of generation ${reference.generation}`;
    await expectRefusal(nobody, token(), stale(nobody, ownGeneration));
    await expectRefusal(other.reference, token(), { code: 'ESTALE', op: 'import' });
    other[Symbol.dispose]();
    await expect.poll(manager.live).toBe(1);
  });

  test('refuses an entry into which somebody copied the row', async () => {
    const { reference } = buffer;
    const [row, copy] = [manager.entry(reference.entry), manager.entry(entryCount - 2)];
    const { beginOffset, endOffset, format, widthPx, heightPx, strideBytes, usage } = row;
    Object.assign(copy, { beginOffset, endOffset, format, widthPx, heightPx, strideBytes, usage });
    copy.generation.store(reference.generation);
    const said = { ...reference, entry: entryCount - 2 };
    const words = `owner word at ${hex(row.owner.offset)}, the entry at ${hex(copy.owner.offset)}`;
    await expectRefusal(said, token(), stale(said, `the permission has the ${words}`));
  });

  test('refuses descriptors that are no description of this guest', async () => {
    const { read, write } = createPipe();
    const [left, right] = createSocketPair('seqpacket');
    for (const stranger of [read, write, left, right, createEventfd()])
      await expectRefusal(buffer.reference, stranger, { code: 'EBADF' });
  });

  test('refuses descriptions without a permission: of the manager, of the memory itself', async () => {
    using memory = await client.device.openManaged(grallocMemory);
    for (const { fd } of [manager.description.token, memory.token])
      await expectRefusal(buffer.reference, duplicateFd(fd), { code: 'EINVAL', op: 'map' });
  });

  test('refuses the descriptor of another buffer', async () => {
    using other = await allocated(client.gralloc);
    await expect(offer(buffer.reference, token(other))).rejects.toMatchObject({ code: 'ESTALE' });
    using again = await offer(other.reference, token(other));
    expect(again.reference).toEqual(other.reference);
    for (const holder of [again, other]) holder[Symbol.dispose]();
    await expect.poll(manager.live).toBe(1);
  });
});

test('a description of another guest is none of this one', async () => {
  await using foreign = await startGuest();
  using stranger = await openClient(foreign);
  using theirs = await allocated(stranger.gralloc);
  const fds = [token(theirs), token(theirs)] as const;
  const refusal = { name: 'VsocError', code: 'EBADF' };
  // Both guests are in their first life, and this is the first buffer of both.
  await expect(client.gralloc.import(theirs.reference, fds[0])).rejects.toMatchObject(refusal);
  await expect(client.gralloc.receive(message(), [fds[1]])).rejects.toMatchObject(refusal);
  expect(closedOf(fds)).toEqual([true, true]);
});
