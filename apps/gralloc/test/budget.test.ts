/** Budgets among real processes: who is charged for what, how long, and by which allocator. */
import { DisposableStack, duplicateFd } from '@vsoc/native';
import { guardLeaks, sharedByTests } from '@vsoc/testkit/hooks';
import { afterEach, describe, expect, test } from 'vitest';
import { pixelFormat } from '../src/formats.js';
import { allocatedBy, startCompanion } from './companion.js';
import {
  allocated,
  freedAfterEachTest,
  openClient,
  openHost,
  openManager,
  picture,
  startGuest,
} from './run.js';

const pageBytes = 4096;
const budgetPages = 16;
const pages = (count: number) => count * pageBytes;
const budgetBuffers = 12;
const allocatorArgs = [`--budget-bytes=${pages(budgetPages)}`, `--budget-buffers=${budgetBuffers}`];

/** Of exactly so many bytes. */
const blob = (bytes: number) => ({ ...picture, format: pixelFormat.blob, widthPx: bytes, heightPx: 1 });
/** More than anybody's budget: the refusal says what is left of it. */
const tooMuch = blob(pages(budgetPages) + 1);
const left = (count: number) => ({ refused: 'EDQUOT', remainingBytes: pages(count) });

const guest = sharedByTests(() => startGuest({ allocatorArgs }));
const client = sharedByTests(() => openClient(guest));
const companion = sharedByTests(() => startCompanion(guest));
freedAfterEachTest(guest);
guardLeaks();
afterEach(async () => {
  await expect.poll(() => client.gralloc.allocate(tooMuch)).toEqual(left(budgetPages));
  await expect.poll(() => companion.allocate(tooMuch)).toEqual(left(budgetPages));
});

describe('a process', () => {
  test('is refused what goes over its budget, and told how much is left: whole pages count', async () => {
    const { allocate } = client.gralloc;
    using held = new DisposableStack();
    held.use(await allocated(client.gralloc, blob(pages(9) + 1)));
    expect(await allocate(blob(pages(6) + 1))).toEqual(left(6));
    held.use(await allocated(client.gralloc, blob(pages(5))));
    expect(await allocate(blob(pages(1) + 1))).toEqual(left(1));
    held.use(await allocated(client.gralloc, blob(1)));
    expect(await allocate(blob(1))).toEqual(left(0));
    expect(await allocate(picture)).toEqual(left(0));
  });

  test('may have exactly its budget in one buffer, and not a byte more', async () => {
    expect(await client.gralloc.allocate(tooMuch)).toEqual(left(16));
    using buffer = await allocated(client.gralloc, blob(pages(16)));
    expect(buffer.bytes).toHaveLength(pages(16));
  });

  test('may have no more buffers than that many, however small', async () => {
    using held = new DisposableStack();
    for (let count = 0; count < budgetBuffers; count++) held.use(await allocated(client.gralloc, blob(1)));
    expect(await client.gralloc.allocate(blob(1))).toEqual(left(0));
    const theirs = await allocatedBy(companion, blob(1));
    await companion.free(theirs);
  });

  test('gets back what it frees, buffer by buffer', async () => {
    using kept = await allocated(client.gralloc, blob(pages(4)));
    const freed = await allocated(client.gralloc, blob(pages(12)));
    expect(await client.gralloc.allocate(tooMuch)).toEqual(left(0));
    freed[Symbol.dispose]();
    await expect.poll(() => client.gralloc.allocate(tooMuch)).toEqual(left(12));
    kept[Symbol.dispose]();
    await expect.poll(() => client.gralloc.allocate(tooMuch)).toEqual(left(16));
  });

  test('is charged once for a buffer, however many hold it', async () => {
    using buffer = await allocated(client.gralloc, blob(pages(6)));
    using again = await buffer.duplicate();
    await companion.give(client.gralloc, buffer);
    expect(await client.gralloc.allocate(tooMuch)).toEqual(left(10));
    expect(await companion.allocate(tooMuch)).toEqual(left(16));
    buffer[Symbol.dispose]();
    await companion.free(again.reference);
    expect(await client.gralloc.allocate(tooMuch)).toEqual(left(10));
  });

  test('has no second budget on a second connection', async () => {
    const first = client;
    using second = await openClient(guest);
    using _buffer = await allocated(first.gralloc, blob(pages(10)));
    expect(await second.gralloc.allocate(tooMuch)).toEqual(left(6));
    using _other = await allocated(second.gralloc, blob(pages(6)));
    expect(await first.gralloc.allocate(blob(1))).toEqual(left(0));
    using third = await openClient(guest);
    expect(await third.gralloc.allocate(blob(1))).toEqual(left(0));
  });

  test('has none the less for a connection that it closed: the buffers count', async () => {
    using passing = await openClient(guest);
    const buffer = await allocated(passing.gralloc, blob(pages(3)));
    using kept = await client.gralloc.import(buffer.reference, duplicateFd(buffer.token.fd));
    passing[Symbol.dispose]();
    expect(await client.gralloc.allocate(tooMuch)).toEqual(left(13));
    kept[Symbol.dispose]();
    buffer[Symbol.dispose]();
  });
});

describe('two processes', () => {
  test('do not spend each other’s budgets', async () => {
    using _all = await allocated(client.gralloc, blob(pages(16)));
    expect(await client.gralloc.allocate(blob(1))).toEqual(left(0));
    const theirs = await allocatedBy(companion, blob(pages(16)));
    expect(await companion.allocate(blob(1))).toEqual(left(0));
    await companion.free(theirs);
  });

  test('who allocated is charged until the area is free, whoever holds it by then', async () => {
    using manager = await openManager(client);
    const buffer = await allocated(client.gralloc, blob(pages(7)));
    const { reference } = buffer;
    expect(manager.entry(reference.entry).clientPid).toBe(process.pid);
    await companion.give(client.gralloc, buffer);
    buffer[Symbol.dispose]();
    expect(await client.gralloc.allocate(tooMuch)).toEqual(left(9));
    expect(await companion.allocate(tooMuch)).toEqual(left(16));
    await companion.free(reference);
    await expect.poll(() => client.gralloc.allocate(tooMuch)).toEqual(left(16));
  });

  test('one that is killed leaves nothing charged but what others still hold', async () => {
    using manager = await openManager(client);
    await using doomed = await startCompanion(guest);
    const passedOn = await allocatedBy(doomed, blob(pages(2)));
    const lone = await allocatedBy(doomed, blob(pages(3)));
    const { message, fds } = await doomed.take(passedOn);
    using buffer = await client.gralloc.receive(message, fds);
    doomed.child.kill('SIGKILL');
    await doomed.child.ended;
    await expect.poll(() => manager.entry(lone.entry).owner.load()).toBe(0);
    expect(manager.entry(passedOn.entry).owner.load()).toBe(passedOn.generation);
    expect(await client.gralloc.allocate(tooMuch)).toEqual(left(16));
    expect(buffer.bytes).toHaveLength(pages(2));
  });
});

test('budgets survive the allocator: its successor charges the same processes for the same buffers', async () => {
  await using other = await startGuest({ allocatorArgs });
  await using neighbour = await startCompanion(other);
  using client = await openClient(other);
  using held = await allocated(client.gralloc, blob(pages(11)));
  const theirs = await allocatedBy(neighbour, blob(pages(5)));
  const sentOn = await allocated(client.gralloc, blob(pages(2)));
  await neighbour.give(client.gralloc, sentOn);
  sentOn[Symbol.dispose]();

  other.allocator.kill('SIGKILL');
  await other.allocator.ended;
  await other.startAllocator();
  expect(await neighbour.allocate(tooMuch)).toEqual(left(11));
  expect(await client.gralloc.allocate(tooMuch)).toEqual(left(3));
  using _last = await allocated(client.gralloc, blob(pages(3)));
  expect(await client.gralloc.allocate(blob(1))).toEqual(left(0));
  await neighbour.free(sentOn.reference);
  await expect.poll(() => client.gralloc.allocate(tooMuch)).toEqual(left(2));
  held[Symbol.dispose]();
  await expect.poll(() => client.gralloc.allocate(tooMuch)).toEqual(left(13));
  await neighbour.free(theirs);
});

test('without a word about it a process may have three quarters of the memory', async () => {
  await using other = await startGuest();
  using client = await openClient(other);
  using host = await openHost(other);
  const { beginOffset, endOffset, dataOffset } = host.memoryLayout;
  const spaceBytes = endOffset - beginOffset - dataOffset;
  const budgetBytes = (spaceBytes / 4) * 3;
  expect(await client.gralloc.allocate(blob(spaceBytes))).toEqual({
    refused: 'EDQUOT',
    remainingBytes: budgetBytes,
  });
  using _all = await allocated(client.gralloc, blob(Math.floor(budgetBytes / pageBytes) * pageBytes));
  expect(await client.gralloc.allocate(blob(pageBytes))).toMatchObject({ refused: 'EDQUOT' });
});
