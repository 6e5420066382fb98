/**
 * Host half and allocator under a guest that writes whatever it likes: every field of an entry, with every number that
 * could hurt. The host half gives nothing, counted, or bytes inside gralloc_memory; the allocator serves everybody else.
 */
import { DisposableStack } from '@vsoc/native';
import { seededRandom } from '@vsoc/testkit';
import { guardLeaks, sharedByTests } from '@vsoc/testkit/hooks';
import { tailOf } from '@vsoc/vsoc/layout';
import { expect, test } from 'vitest';
import { pixelFormat } from '../src/formats.js';
import { entryCount, grallocManager, grallocMemory } from '../src/layout.js';
import { allocatedBy, startCompanion } from './companion.js';
import { allocated, freedAfterEachTest, openClient, openHost, picture, startGuest } from './run.js';

const numbers = [0, 1, 3, 4, 63, 64, 4095, 4096, 4097, 16_384, 16_385, 65_536, 2 ** 20, 2 ** 31 - 1].concat([
  2 ** 31,
  2 ** 32 - 4097,
  2 ** 32 - 4096,
  2 ** 32 - 4,
  2 ** 32 - 1,
]);
const fields = ['beginOffset', 'endOffset', 'format', 'widthPx', 'heightPx', 'strideBytes', 'usage'] as const;

const guest = sharedByTests(startGuest);
freedAfterEachTest(guest);
guardLeaks();

const blob = (pages: number) => ({
  ...picture,
  format: pixelFormat.blob,
  widthPx: 4096 * pages,
  heightPx: 1,
});

test('whatever an entry says, the host half hands out bytes of gralloc_memory or nothing, and counts', async () => {
  using client = await openClient(guest);
  using host = await openHost(guest);
  using manager = await client.device.open(grallocManager);
  using buffer = await allocated(client.gralloc);
  const { reference } = buffer;
  const entry = manager.data.entries.at(reference.entry);
  const sound = Object.fromEntries(fields.map((name) => [name, entry[name]]));
  const { counters, resolve } = host.buffers;
  const space = tailOf(grallocMemory, host.memoryLayout);
  let unseen = 0;
  let shown = 0;

  function tryOut(values: Record<string, number>): void {
    Object.assign(entry, sound, values);
    const resolved = resolve(reference);
    if (!resolved) {
      unseen++;
      return;
    }
    shown++;
    const seen = resolved.bytes();
    expect(seen.byteLength).toBeGreaterThanOrEqual(resolved.strideBytes * resolved.heightPx);
    for (const { bytes } of resolved.planes()) expect(bytes.byteLength).toBeLessThanOrEqual(seen.byteLength);
    expect(seen.byteOffset - host.memoryLayout.beginOffset).toBeGreaterThanOrEqual(space.offset);
    expect(seen.byteOffset + seen.byteLength).toBeLessThanOrEqual(host.memoryLayout.endOffset);
  }

  for (const name of fields) for (const value of numbers) tryOut({ [name]: value });
  const random = seededRandom('hostile entries');
  for (let i = 0; i < 3000; i++) {
    tryOut(
      Object.fromEntries(
        fields.filter(() => random.below(2) === 0).map((name) => [name, random.pick(numbers)]),
      ),
    );
  }
  const { resolved, stale, malformed, refused: notForHost } = counters;
  expect({ resolved, stale, unseen: malformed + notForHost }).toEqual({ resolved: shown, stale: 0, unseen });
  expect(notForHost).toBeGreaterThan(0);
  expect(shown).toBeGreaterThan(0);
  Object.assign(entry, sound);
});

test('a reference with any number in it is stale or malformed, never an error', async () => {
  using client = await openClient(guest);
  using host = await openHost(guest);
  using buffer = await allocated(client.gralloc);
  const { reference } = buffer;
  const { counters, resolve } = host.buffers;
  for (const name of ['epoch', 'entry', 'generation'] as const) {
    for (const value of numbers) {
      if (value !== reference[name]) expect(resolve({ ...reference, [name]: value })).toBeUndefined();
    }
  }
  // An entry that never had a buffer: its words are all 0, and 0 is nobody's generation.
  expect(resolve({ ...reference, entry: entryCount - 1, generation: 0 })).toBeUndefined();
  const isEntry = (value: number) => value < entryCount;
  expect(counters.malformed).toBe(numbers.filter((value) => !isEntry(value)).length);
  expect(resolve(reference)?.isCurrent()).toBe(true);
});

test('a large buffer whose owner word was scribbled over costs others nothing but a claim', async () => {
  using client = await openClient(guest);
  using manager = await client.device.open(grallocManager);
  using victim = await allocated(client.gralloc, blob(150));
  const { owner } = manager.data.entries.at(victim.reference.entry);
  victim.bytes.fill(7);
  owner.store(0);
  using held = new DisposableStack();
  for (let i = 0; i < 20; i++) held.use(await allocated(client.gralloc)).bytes.fill(1);
  expect(victim.bytes.every((byte) => byte === 7)).toBe(true);
  owner.store(victim.reference.generation);
});

test('eight small buffers whose owner words were scribbled over keep nobody from allocating, and stay whole', async () => {
  using client = await openClient(guest);
  using manager = await client.device.open(grallocManager);
  await using companion = await startCompanion(guest);
  using held = new DisposableStack();
  const scribbled = [];
  for (let i = 0; i < 8; i++) {
    const buffer = held.use(await allocated(client.gralloc));
    buffer.acquire.advance();
    buffer.acquire.advance();
    const { entry, generation } = buffer.reference;
    manager.data.entries.at(entry).owner.store(0);
    scribbled.push({ buffer, row: manager.data.entries.at(entry), generation });
  }
  const small = await allocatedBy(companion);
  // Two thirds of the memory, the first time that it is asked for.
  const large = await allocatedBy(companion, blob(350));
  for (const { buffer, row, generation } of scribbled) {
    expect([row.generation.load(), row.acquire.load()]).toEqual([generation, 2]);
    (await buffer.duplicate())[Symbol.dispose]();
  }
  for (const reference of [small, large]) await companion.free(reference);
});

test('a row that nobody was granted is believed by no successor', async () => {
  await using other = await startGuest();
  using client = await openClient(other);
  using manager = await client.device.open(grallocManager);
  await using companion = await startCompanion(other);
  using held = await allocated(client.gralloc, blob(2));
  const { beginOffset, endOffset } = manager.data.entries.at(held.reference.entry);
  const lie = manager.data.entries.at(100);
  Object.assign(lie, { beginOffset, endOffset: beginOffset + 512 * 4096, clientPid: companion.child.pid });
  lie.generation.store(1);
  lie.owner.store(1);
  const impossible = manager.data.entries.at(101);
  Object.assign(impossible, { beginOffset: 0, endOffset: 0xffff_f000, clientPid: companion.child.pid });
  impossible.owner.store(1);
  other.allocator.kill('SIGKILL');
  await other.allocator.ended;
  await other.startAllocator();
  using next = await allocated(client.gralloc);
  expect(manager.data.entries.at(next.reference.entry).beginOffset).toBe(endOffset);
  await allocatedBy(companion, blob(380));
  // The real one is still charged.
  expect(await client.gralloc.allocate(blob(512))).toEqual({
    refused: 'EDQUOT',
    remainingBytes: (384 - 3) * 4096,
  });
});

test('owner words that were scribbled over spoil buffers, and no area is granted twice', async () => {
  using client = await openClient(guest);
  using host = await openHost(guest);
  using manager = await client.device.open(grallocManager);
  using victim = await allocated(client.gralloc);
  const { owner } = manager.data.entries.at(victim.reference.entry);
  victim.bytes.fill(7);
  owner.store(0);
  expect(host.buffers.resolve(victim.reference)).toBeUndefined();
  const others = [];
  for (let i = 0; i < 4; i++) others.push(await allocated(client.gralloc));
  for (const other of others) other.bytes.fill(1);
  expect(victim.bytes.every((byte) => byte === 7)).toBe(true);
  // An entry that looks owned and is not is left out, as long as the guest lives.
  const scribbled = manager.data.entries.at(50);
  scribbled.owner.store(0xffff_ffff);
  Object.assign(scribbled, { beginOffset: 0xffff_f000, endOffset: 3 });
  (await allocated(client.gralloc))[Symbol.dispose]();
  scribbled.owner.store(0);
  for (const other of others) other[Symbol.dispose]();
});
