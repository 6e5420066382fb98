/**
 * 10⁵ random operations of four processes that allocate, pass on, duplicate, free and check buffers, while they and the
 * allocator are killed and replaced: no two live buffers share a byte, a fresh one is all zero, and nothing is left.
 */
import { seededRandom } from '@vsoc/testkit';
import { guardLeaks } from '@vsoc/testkit/hooks';
import { expect, it } from 'vitest';
import { pixelFormat } from '../src/formats.js';
import { grallocManager, grallocMemory } from '../src/layout.js';
import { operations, refusals } from '../src/testing/storm-counts.js';
import { usage } from '../src/usage.js';
import {
  type Client,
  descriptorCounts,
  expectNothingHeld,
  kill,
  openClient,
  startWorld,
  type World,
} from './fixtures/world.js';
import { auditTable, claimCount } from './storm/audit.js';
import { type Crew, startCrew } from './storm/crew.js';

const workers = 4;
const operationCount = 100_000;
const strikeCount = 60;
const watchdogMs = 280_000;
const memoryBytes = 2 * 1024 * 1024;
/** A client's share, so that some have had theirs while there is room, and others find none. */
const budgetBytes = memoryBytes / 4;

guardLeaks();

it('a storm of operations and SIGKILLs: no overlap, nothing leaks', {
  timeout: watchdogMs + 20_000,
}, async () => {
  await using world = await startWorld({ watchdogMs, memoryBytes });
  await storm(world).catch((error) => {
    throw new Error(['the storm found something', ...world.logLines.slice(-20)].join('\n'), { cause: error });
  });
});

async function storm(world: World): Promise<void> {
  const random = seededRandom('storm');
  const startAllocator = (bytes = budgetBytes) => world.startAllocator(['--budget-bytes', String(bytes)]);
  const driver = await world.startDriver();
  let allocator = await startAllocator();
  using client = await openClient(world);
  using manager = await client.device.open(grallocManager);
  await allocateBlob(client, budgetBytes);
  await expectNothingHeld(client.device);
  const idle = [driver, allocator].map(descriptorCounts);

  const seen = { kills: 0, allocatorKills: 0, mostLive: 0, claims: -claimCount(manager.data) };
  const startMs = performance.now();
  const crew = await startCrew(world, {
    workers,
    random,
    onProgress() {
      seen.mostLive = Math.max(seen.mostLive, auditTable(manager.data));
    },
  });

  /** One worker, now and then two, and sometimes the allocator with them; it is back before its new clients come. */
  async function strike(crew: Crew): Promise<void> {
    const victims = Array.from({ length: random.below(6) === 0 ? 2 : 1 }, () => random.below(workers));
    const places = [...new Set(victims)];
    const isAllocatorHit = random.below(4) === 0;
    const deaths = places.map(crew.kill);
    if (isAllocatorHit) deaths.push(kill(allocator));
    await Promise.all(deaths);
    if (isAllocatorHit) allocator = await startAllocator();
    await Promise.all(places.map(crew.start));
    seen.kills += places.length;
    if (isAllocatorHit) seen.allocatorKills++;
  }

  for (let number = 1; number <= strikeCount; number++) {
    await crew.done((operationCount / strikeCount) * (number - random.next()));
    await strike(crew);
  }
  await crew.done(operationCount);
  await crew.stop();
  seen.claims += claimCount(manager.data);
  const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
  const inOrder = [...operations, ...refusals].map((what) => [what, crew.counts[what] ?? 0]);
  process.stderr.write(`${JSON.stringify({ ...Object.fromEntries(inOrder), ...seen, seconds })}\n`);

  await expectNothingHeld(client.device);
  await allocateBlob(client, budgetBytes);
  await expectNothingHeld(client.device);
  await expect.poll(() => whatIsMore(idle, [driver, allocator].map(descriptorCounts))).toEqual([]);

  const wholeBytes = await memorySize(client);
  await kill(allocator);
  await startAllocator(wholeBytes);
  await allocateBlob(client, wholeBytes);
  await expectNothingHeld(client.device);
  expect(world.logLines.filter((line) => line.includes('Warning'))).toEqual([]);
}

type Counts = Record<string, number>;

/** Kinds of descriptors of which there are more now; when `before` was counted one may still have been closing. */
function whatIsMore(before: readonly Counts[], now: readonly Counts[]): string[] {
  return now.flatMap((counts, process) =>
    Object.entries(counts).flatMap(([kind, count]) => {
      const more = count - (before[process]?.[kind] ?? 0);
      return more > 0 ? [`${more} × ${kind}`] : [];
    }),
  );
}

/** Allocates so many bytes and frees them again. */
async function allocateBlob({ gralloc }: Client, bytes: number): Promise<void> {
  const buffer = await gralloc.allocate({
    format: pixelFormat.blob,
    widthPx: bytes,
    heightPx: 1,
    usage: usage.cpuRead,
  });
  if ('refused' in buffer) throw new Error(`refused: ${JSON.stringify(buffer)}`);
  expect(buffer.bytes.byteLength).toBe(bytes);
  buffer[Symbol.dispose]();
}

async function memorySize({ device }: Client): Promise<number> {
  using memory = await device.openManaged(grallocMemory);
  const { offsetOfRegionData, regionBeginOffset, regionEndOffset } = await memory.describe();
  return regionEndOffset - regionBeginOffset - offsetOfRegionData;
}
