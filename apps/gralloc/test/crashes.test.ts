/**
 * SIGKILL of a client, a receiver and the allocator at every step of a buffer's life: afterwards each area is free or its
 * holder's, whole and unspoilt, and allocation goes on.
 */
import { readlinkSync } from 'node:fs';
import { liveResources } from '@vsoc/native';
import type { Child } from '@vsoc/process/launcher';
import { sharedByTests } from '@vsoc/testkit/hooks';
import { pageBytes } from '@vsoc/vsoc/layout';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openAllocator } from '../src/allocator.js';
import type { AllocatorStep } from '../src/testing/stepping-allocator.js';
import type { ClientStep } from '../src/testing/stepping-client.js';
import type { ReceiverStep } from '../src/testing/stepping-receiver.js';
import { type Mailbox, openMailbox } from './fixtures/mailbox.js';
import { allocateStamped, openScene, startStopped } from './fixtures/scene.js';
import { type Client, descriptorsOf, kill, startWorld } from './fixtures/world.js';
import { picture } from './run.js';

const world = sharedByTests(() => startWorld({ watchdogMs: 120_000, memoryBytes: 1024 * 1024 }));
let allocator: Child;
beforeAll(async () => {
  await world.startDriver();
  allocator = await world.startAllocator();
});

// Test by test what this process owns alone: those that they kill are followed by others, who stay.
let ownedBefore: number;
beforeEach(() => {
  ownedBefore = liveResources().length;
});
afterEach(() => expect.poll(() => liveResources().length).toBe(ownedBefore));

const atMailbox = () => openMailbox(`${world.paths.guestDir}/mailbox`);

describe('a client that is killed', () => {
  const program = 'stepping-client';

  test.each<[ClientStep, number]>([
    ['connected', 0],
    ['answered', 1],
    ['token held', 1],
    ['mapped', 1],
    ['half released', 1],
  ])('at “%s” leaves nothing', async (step, others) => {
    using scene = await openScene(world);
    const child = await startStopped(world, { program, step });
    expect(scene.others()).toBe(others);
    await kill(child);
    await expect.poll(scene.others).toBe(0);
    await scene.expectSound();
  });

  test('at “requested”, before the allocator has read it, leaves nothing', async () => {
    using scene = await openScene(world);
    allocator.kill('SIGSTOP');
    const step: ClientStep = 'requested';
    await kill(await startStopped(world, { program, step }));
    allocator.kill('SIGCONT');
    await scene.expectSound();
  });

  test('at “sent” leaves the buffer to its receiver, who has not even looked', async () => {
    using scene = await openScene(world);
    using mailbox = atMailbox();
    const step: ClientStep = 'sent';
    await kill(await startStopped(world, { program, step, args: ['--receiver', mailbox.path] }));
    const { bytes, fds } = await mailbox.take();
    using received = await scene.client.gralloc.receive(bytes, fds);
    expect(scene.ownerOf(received.reference.entry)).toBe(received.reference.generation);
    await scene.expectSound([received]);
  });
});

describe('a receiver that is killed', () => {
  /** At `step` of taking a buffer that it alone holds. */
  async function sendTo(client: Client, step: ReceiverStep, mailbox: Mailbox) {
    using buffer = await allocateStamped(client);
    const child = await startStopped(world, {
      program: 'stepping-receiver',
      step,
      args: ['--sender', mailbox.path],
      async meanwhile() {
        await mailbox.connected();
        mailbox.send(buffer);
      },
    });
    return { child, reference: buffer.reference };
  }

  test.each<ReceiverStep>(['message waiting', 'token received', 'imported'])(
    'at “%s” was the last holder',
    async (step) => {
      using scene = await openScene(world);
      using mailbox = atMailbox();
      const { child, reference } = await sendTo(scene.client, step, mailbox);
      expect(scene.ownerOf(reference.entry)).toBe(reference.generation);
      await kill(child);
      await expect.poll(() => scene.ownerOf(reference.entry)).toBe(0);
      await scene.expectSound();
    },
  );

  test('at “sent on” leaves the buffer to the next one', async () => {
    using scene = await openScene(world);
    using mailbox = atMailbox();
    const { child, reference } = await sendTo(scene.client, 'sent on', mailbox);
    await kill(child);
    const { bytes, fds } = await mailbox.take();
    using received = await scene.client.gralloc.receive(bytes, fds);
    expect(received.reference).toEqual(reference);
    await scene.expectSound([received]);
  });
});

describe('an allocator that is killed', () => {
  /** Its successor serves from here on. */
  async function dieAllocating(client: Client, step: AllocatorStep) {
    await kill(allocator);
    const dying = await world.startTesting('stepping-allocator', { args: ['--until', step] });
    const outcome = await client.gralloc.allocate(picture).catch((error) => error);
    expect(await dying.ended).toMatchObject({ signal: 'SIGKILL' });
    allocator = await world.startAllocator();
    return outcome;
  }

  test.each<[AllocatorStep, number]>([
    ['the claim is sent', 0],
    ['the claim is granted', 0],
    ['the row is written', 1],
  ])(
    'when “%s” has handed nothing out, and its successor hands out what it had in hand',
    async (step, raised) => {
      using scene = await openScene(world);
      const entry = scene.kept.reference.entry + 1;
      const generation = scene.generationOf(entry);
      expect(await dieAllocating(scene.client, step)).toMatchObject({ code: 'ECONNRESET' });
      expect(scene.generationOf(entry)).toBe(generation + raised);
      await expect.poll(scene.others).toBe(0);
      using next = await allocateStamped(scene.client);
      expect(next.reference).toMatchObject({ entry, generation: generation + raised + 1 });
      await scene.expectSound([next]);
    },
  );

  test.each<AllocatorStep>(['the answer is sent', 'its own copy is closed'])(
    'when “%s” has handed the buffer out, and its successor goes around it',
    async (step) => {
      using scene = await openScene(world);
      using handed = await dieAllocating(scene.client, step);
      expect(scene.ownerOf(handed.reference.entry)).toBe(handed.reference.generation);
      expect(handed.bytes.every((byte: number) => byte === 0)).toBe(true);
      handed.bytes.fill(0xaa);
      using next = await allocateStamped(scene.client);
      expect(next.reference.entry).toBe(handed.reference.entry + 1);
      expect(handed.bytes.every((byte: number) => byte === 0xaa)).toBe(true);
      handed[Symbol.dispose]();
      await scene.expectSound([next]);
    },
  );

  test('has a successor that knows its last allocations, even one that was opened before them', async () => {
    using scene = await openScene(world);
    using successor = await openAllocator(scene.client.device);
    using kept = await allocateStamped(scene.client, 2 * picture.heightPx);
    const freed = await allocateStamped(scene.client);
    const { entry, generation } = freed.reference;
    freed[Symbol.dispose]();
    await expect.poll(() => scene.ownerOf(entry)).toBe(0);
    await kill(allocator);
    const allocation = await successor.allocate(picture, process.pid);
    if ('refused' in allocation) throw new Error(allocation.text);
    const { reference, description } = allocation;
    description[Symbol.dispose]();
    allocator = await world.startAllocator();
    expect(reference).toMatchObject({ entry, generation: generation + 1 });
    await scene.expectSound([kept]);
  });

  test('leaves its clients charged with what they hold', async () => {
    const restart = async (args: readonly string[] = []) => {
      await kill(allocator);
      allocator = await world.startAllocator(args);
    };
    await restart(['--budget-bytes', String(4 * pageBytes)]);
    using scene = await openScene(world);
    using second = await allocateStamped(scene.client, 2 * picture.heightPx);
    await restart(['--budget-bytes', String(4 * pageBytes)]);
    const { gralloc } = scene.client;
    const refusal = { refused: 'EDQUOT', remainingBytes: pageBytes };
    expect(await gralloc.allocate({ ...picture, heightPx: 2 * picture.heightPx })).toEqual(refusal);
    using third = await allocateStamped(scene.client);
    expect(await gralloc.allocate(picture)).toEqual({ refused: 'EDQUOT', remainingBytes: 0 });
    third[Symbol.dispose]();
    await restart();
    await scene.expectSound([second]);
  });
});

test('an allocator holds no token of what it has handed out', async () => {
  using scene = await openScene(world);
  using other = await allocateStamped(scene.client);
  using twin = await other.duplicate();
  const pipes = [scene.kept, other, twin].map(({ token }) => readlinkSync(`/proc/self/fd/${token.fd}`));
  expect(pipes.every((pipe) => /^pipe:\[\d+\]$/.test(pipe))).toBe(true);
  const heldBy = (pid: number | 'self') => descriptorsOf(pid).filter((link) => pipes.includes(link)).length;
  expect(heldBy('self')).toBe(3);
  // The answer may be here before the allocator has closed its own copy.
  await expect.poll(() => heldBy(allocator.pid as number)).toBe(0);
});
