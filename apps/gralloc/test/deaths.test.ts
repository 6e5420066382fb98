/** Processes that die under gralloc's clients: what stays, what ends, who takes over. */
import { guardLeaks } from '@vsoc/testkit/hooks';
import { expect, test } from 'vitest';
import { allocated, openClient, picture, startGuest } from './run.js';

guardLeaks();

test('buffers outlive their allocator; only one serves at a time, and its successor goes around them', async () => {
  await using guest = await startGuest();
  using client = await openClient(guest);
  using kept = await allocated(client.gralloc);
  kept.bytes.fill(9);
  await expect(guest.startAllocator()).rejects.toThrow('EADDRINUSE');

  guest.allocator.kill('SIGKILL');
  await guest.allocator.ended;
  await expect(client.gralloc.allocate(picture)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  await expect(openClient(guest)).rejects.toMatchObject({ code: 'ECONNREFUSED' });

  await guest.startAllocator();
  using next = await allocated(client.gralloc);
  expect(next.reference.entry).not.toBe(kept.reference.entry);
  next.bytes.fill(1);
  expect(kept.bytes.every((byte) => byte === 9)).toBe(true);
});

test('when the guest crashes the allocator ends and says why, and clients are told', async () => {
  await using guest = await startGuest();
  using client = await openClient(guest);
  using kept = await allocated(client.gralloc);
  const { bytes } = kept;
  guest.driver.kill('SIGKILL');
  const { code, lastError } = await guest.allocator.ended;
  expect(code).toBe(1);
  expect(lastError).toContain('the guest driver is gone: this guest has crashed');
  await expect.poll(() => client.device.lost.aborted).toBe(true);
  await expect(client.gralloc.allocate(picture)).rejects.toMatchObject({ code: 'ENODEV' });
  expect(kept.lost.aborted).toBe(true);
  expect(() => kept.bytes).toThrow('ENODEV');
  expect(bytes.byteLength).toBe(0);
});
