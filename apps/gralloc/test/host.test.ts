/** What the host half makes of a reference: a live buffer's bytes, and nothing of one that is gone. */
import { guardLeaks, sharedByTests } from '@vsoc/testkit/hooks';
import { expect, test } from 'vitest';
import { allocated, freedAfterEachTest, openClient, openHost, startGuest } from './run.js';

const guest = sharedByTests(startGuest);
freedAfterEachTest(guest);
guardLeaks();

test('the host half sees the bytes of a live buffer, and nothing by a stale reference', async () => {
  using client = await openClient(guest);
  using host = await openHost(guest);
  const buffer = await allocated(client.gralloc);
  for (const index of buffer.bytes.keys()) buffer.bytes[index] = index % 251;
  const resolved = host.buffers.resolve(buffer.reference);
  const lines = buffer.strideBytes * buffer.heightPx;
  expect(resolved).toMatchObject({ widthPx: 64, heightPx: 16, strideBytes: 256, format: 1 });
  expect(Buffer.compare(resolved?.bytes() as Uint8Array, buffer.bytes.subarray(0, lines))).toBe(0);
  expect(resolved?.isCurrent()).toBe(true);

  const { generation, entry } = buffer.reference;
  buffer[Symbol.dispose]();
  await expect.poll(() => resolved?.isCurrent()).toBe(false);
  expect(host.buffers.resolve(buffer.reference)).toBeUndefined();
  using successor = await allocated(client.gralloc);
  expect(successor.reference.entry).toBe(entry);
  expect(resolved?.isCurrent()).toBe(false);
  expect(host.buffers.counters).toEqual({ resolved: 1, stale: 1, malformed: 0, refused: 0 });

  // A host half that kept what it resolved has no way to the successor's bytes.
  const successors = successor.reference.generation;
  const detail = `buffer ${entry}, generation ${generation} (epoch 1) is gone: saw epoch 1, generation ${successors}, owner word ${successors}`;
  const refusal = expect.objectContaining({ code: 'ESTALE', op: 'map', detail });
  expect(() => resolved?.bytes()).toThrow(refusal);
  expect(() => resolved?.planes()).toThrow(refusal);
});

test('a resolved buffer is the one that was asked for, whatever the caller writes into the reference later', async () => {
  using client = await openClient(guest);
  using host = await openHost(guest);
  using buffer = await allocated(client.gralloc);
  const reference = { ...buffer.reference };
  const resolved = host.buffers.resolve(reference);
  reference.generation++;
  expect([resolved?.isCurrent(), resolved?.acquire.advance()]).toEqual([true, 1]);
  Object.assign(reference, { entry: 5, epoch: 9 });
  expect(resolved?.bytes()).toHaveLength(4096);
});
