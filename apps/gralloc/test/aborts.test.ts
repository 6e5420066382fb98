/**
 * Who stops waiting for an allocator or a guest driver that stands still: rejected at once, with the signal's reason. What
 * is answered later, when they go on, is kept by nobody.
 */
import { getEventListeners } from 'node:events';
import { readdirSync, readlinkSync } from 'node:fs';
import { duplicateFd } from '@vsoc/native';
import { guardLeaks, sharedByTests } from '@vsoc/testkit/hooks';
import { encode } from '@vsoc/vsoc/wire';
import { expect, test } from 'vitest';
import { openGralloc } from '../src/guest.js';
import { sentBuffer } from '../src/protocol.js';
import { allocatorSocketOf } from '../src/sockets.js';
import { stopped } from './raw-client.js';
import { allocated, freedAfterEachTest, openClient, openManager, picture, startGuest } from './run.js';

const guest = sharedByTests(startGuest);
const client = sharedByTests(() => openClient(guest));
const manager = sharedByTests(() => openManager(client));
freedAfterEachTest(guest);
guardLeaks();

/** Tokens, and whatever other pipes this process has. */
const pipeCount = () =>
  readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith('pipe:');
    } catch {
      return false; // the one that listed the others
    }
  }).length;

const reason = new Error('enough');

/** Starts something, aborts it, and expects the reason. */
async function abandon(start: (options: { signal: AbortSignal }) => Promise<unknown>): Promise<void> {
  const aborting = new AbortController();
  const { signal } = aborting;
  const ended = expect(start({ signal })).rejects.toBe(reason);
  aborting.abort(reason);
  await ended;
  await expect(start({ signal })).rejects.toBe(reason);
}

test.each(['allocator', 'driver'] as const)(
  'an allocation that the %s delays: its buffer comes too late, and is free again',
  async (late) => {
    const idle = pipeCount();
    {
      using _standing = await stopped(guest[late]);
      await abandon((options) => client.gralloc.allocate(picture, options));
    }
    // Answered in order: by then the first one's answer has been here.
    using next = await allocated(client.gralloc);
    expect(next.bytes).toHaveLength(4096);
    expect(pipeCount()).toBe(idle + 1);
    await expect.poll(manager.live).toBe(1);
  },
);

test('allocations that were given up count until they are answered: EAGAIN past sixteen', async () => {
  {
    using _standing = await stopped(guest.allocator);
    for (let count = 0; count < 16; count++) {
      const aborting = new AbortController();
      const allocating = client.gralloc.allocate(picture, aborting);
      aborting.abort(reason);
      await expect(allocating).rejects.toBe(reason);
    }
    await expect(client.gralloc.allocate(picture)).rejects.toMatchObject({ code: 'EAGAIN' });
  }
  const canAsk = async () => {
    using _buffer = await allocated(client.gralloc);
    return true;
  };
  await expect.poll(() => canAsk().catch(({ code }) => code)).toBe(true);
});

test('imports that the driver delays: their descriptors are closed at once, the buffer stays', async () => {
  using buffer = await allocated(client.gralloc);
  const { reference } = buffer;
  const idle = pipeCount();
  const message = encode(sentBuffer, reference);
  {
    using _standing = await stopped(guest.driver);
    const copy = () => duplicateFd(buffer.token.fd);
    await abandon((options) => client.gralloc.import(reference, copy(), options));
    await abandon((options) => client.gralloc.receive(message, [copy()], options));
    await abandon((options) => buffer.duplicate(options));
    await abandon((options) =>
      openGralloc(client.device, { allocatorSocket: allocatorSocketOf(guest.paths), ...options }),
    );
    expect(pipeCount()).toBe(idle);
  }
  using again = await buffer.duplicate();
  again.bytes.fill(7);
  expect(buffer.bytes.every((byte) => byte === 7)).toBe(true);
  expect(pipeCount()).toBe(idle + 1);
});

test('what ends in time leaves nothing on the signal that it was given', async () => {
  const { signal } = new AbortController();
  const buffer = await client.gralloc.allocate(picture, { signal });
  if ('refused' in buffer) throw new Error(JSON.stringify(buffer));
  using first = buffer;
  using _second = await first.duplicate({ signal });
  expect(getEventListeners(signal, 'abort')).toHaveLength(0);
});
