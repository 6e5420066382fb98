/**
 * A crash of the guest driver is a crash of the guest: nothing of its buffers is left to anybody, in no process, and the
 * next life of the guest begins with all memory free.
 */
import { duplicateFd } from '@vsoc/native';
import { guardLeaks } from '@vsoc/testkit/hooks';
import { connectHost } from '@vsoc/vsoc/host';
import { expect, test } from 'vitest';
import { openGrallocHost } from '../src/host.js';
import { allocateNamed, allocateStamped, expectIntact } from './fixtures/scene.js';
import { expectNothingHeld, kill, openClient, startWorld } from './fixtures/world.js';

guardLeaks();

test('a guest driver that is killed takes all buffers with it, and the next life knows none of them', async () => {
  await using world = await startWorld({ watchdogMs: 60_000, memoryBytes: 1024 * 1024 });
  const driver = await world.startDriver();
  const allocator = await world.startAllocator();
  using client = await openClient(world);
  const buffer = await allocateStamped(client);
  using host = await connectHost({ serverSocket: world.paths.serverSocket });
  using viewed = await openGrallocHost(host);
  const resolved = viewed.resolve(buffer.reference);
  expect(resolved?.isCurrent()).toBe(true);
  const arrays = [buffer.bytes, buffer.planes[0]?.bytes];
  await kill(driver);
  expect(await allocator.ended).toMatchObject({ code: 1 });
  await expect.poll(() => buffer.lost.aborted).toBe(true);
  expect(() => buffer.bytes).toThrow(expect.objectContaining({ code: 'ENODEV' }));
  expect(() => buffer.planes).toThrow(expect.objectContaining({ code: 'ENODEV' }));
  expect(arrays.map((array) => array?.byteLength)).toEqual([0, 0]);

  await world.startDriver();
  await world.startAllocator();
  using next = await openClient(world);
  await expectNothingHeld(next.device);
  const { epoch, ...name } = buffer.reference;
  expect(next.device.epoch).toBe(epoch + 1);
  await expect.poll(() => host.guestEpoch()).toBe(epoch + 1);
  expect([resolved?.isCurrent(), viewed.resolve(buffer.reference)]).toEqual([false, undefined]);

  // The table began anew: sooner or later there is a buffer that only its epoch tells from the former one.
  using successor = await allocateNamed(next, name);
  expect(viewed.resolve(buffer.reference)).toBeUndefined();
  expect(viewed.resolve(successor.reference)?.isCurrent()).toBe(true);
  const { gralloc } = next;
  const stale = gralloc.import(buffer.reference, duplicateFd(successor.token.fd));
  await expect(stale).rejects.toMatchObject({ code: 'ESTALE' });
  const oldToken = gralloc.import(successor.reference, duplicateFd(buffer.token.fd));
  await expect(oldToken).rejects.toMatchObject({ code: 'EBADF' });
  expectIntact([successor]);
  buffer[Symbol.dispose]();
});
