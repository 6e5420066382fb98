/**
 * Pictures handed over by fences: another process draws numbered ones into a single buffer, and who looks must see each of
 * them whole, in order, none twice. Then every way for a wait to end early, on both sides.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { DisposableStack } from '@vsoc/native';
import { guardLeaks, sharedByTests } from '@vsoc/testkit/hooks';
import { describe, expect, test } from 'vitest';
import type { Fence } from '../src/fence.js';
import type { GraphicsBuffer } from '../src/guest.js';
import type { ResolvedBuffer } from '../src/host.js';
import type { BufferReference } from '../src/protocol.js';
import { usage } from '../src/usage.js';
import { allocatedBy, startCompanion } from './companion.js';
import { allocated, freedAfterEachTest, openClient, openHost, picture, startGuest } from './run.js';

const guest = sharedByTests(startGuest);
freedAfterEachTest(guest);
const client = sharedByTests(() => openClient(guest));
const host = sharedByTests(() => openHost(guest));
const companion = sharedByTests(() => startCompanion(guest));
guardLeaks();

const inMs = (ms: number) => process.hrtime.bigint() + BigInt(ms) * 1_000_000n;
const patiently = () => ({ deadlineNs: inMs(20_000) });

function resolve(reference: BufferReference): ResolvedBuffer {
  const resolved = host.buffers.resolve(reference);
  if (!resolved) throw new Error('the host half does not find the buffer');
  return resolved;
}

/** 64 KiB: long enough to draw that a torn one would be seen. */
const wide = {
  ...picture,
  widthPx: 256,
  heightPx: 64,
  usage: usage.cpuRead | usage.cpuWrite | usage.hostRead | usage.hostWrite,
};
const wideBytes = 65_536;
const pictures = 200;

/** Looks at pictures 1 to 200, each twice with a turn of the loop in between, and lets go of them one by one. */
async function lookAtAll(fences: { acquire: Fence; release: Fence }, bytes: () => Uint8Array): Promise<void> {
  for (let number = 1; number <= pictures; number++) {
    expect(await fences.acquire.reached(number, patiently())).toBe('reached');
    const whole = Buffer.alloc(wideBytes, number);
    const first = whole.compare(bytes().slice());
    await nextTurn();
    const second = whole.compare(bytes().slice());
    expect([number, fences.acquire.point, first, second]).toEqual([number, number, 0, 0]);
    expect(fences.release.advance()).toBe(number);
  }
}

describe('200 pictures through one buffer, none of them torn,', () => {
  test('from one guest process to another', async () => {
    const reference = await allocatedBy(companion, wide);
    const { message, fds } = await companion.take(reference);
    using buffer = await client.gralloc.receive(message, fds);
    const drawing = companion.draw(reference, pictures);
    await lookAtAll(buffer, () => buffer.bytes);
    expect(await drawing).toEqual({ outcome: 'drawn' });
    await companion.free(reference);
  });

  test('from a guest process to a host process', async () => {
    const reference = await allocatedBy(companion, wide);
    const resolved = resolve(reference);
    const drawing = companion.draw(reference, pictures);
    await lookAtAll(resolved, resolved.bytes);
    expect(await drawing).toEqual({ outcome: 'drawn' });
    expect(resolved.isCurrent()).toBe(true);
    await companion.free(reference);
  });

  test('from a host process to a guest process, as a camera does', async () => {
    const reference = await allocatedBy(companion, wide);
    const resolved = resolve(reference);
    const looking = companion.look(reference, pictures);
    for (let number = 1; number <= pictures; number++) {
      expect(await resolved.release.reached(number - 1, patiently())).toBe('reached');
      resolved
        .bytes()
        .subarray(0, wideBytes / 2)
        .fill(number);
      await nextTurn();
      resolved
        .bytes()
        .subarray(wideBytes / 2)
        .fill(number);
      resolved.acquire.advance();
    }
    expect(await looking).toEqual({ outcome: 'seen', whole: pictures });
    await companion.free(reference);
  });
});

describe.each(['guest', 'host'] as const)('a wait of the %s half', (side) => {
  /** A buffer of this process, and its fences as this side has them. */
  async function openFences() {
    const buffer = await allocated(client.gralloc);
    const resolved = resolve(buffer.reference);
    const [own, other] = side === 'guest' ? [buffer, resolved] : [resolved, buffer];
    const { acquire, release } = own;
    return { acquire, release, other, buffer, [Symbol.dispose]: () => buffer[Symbol.dispose]() };
  }

  test('ends with its deadline, and not before', async () => {
    using fences = await openFences();
    for (const fence of [fences.acquire, fences.release]) {
      const deadlineNs = inMs(25);
      expect(await fence.reached(1, { deadlineNs })).toBe('timed-out');
      expect(process.hrtime.bigint()).toBeGreaterThanOrEqual(deadlineNs);
    }
    expect(await fences.acquire.reached(0, { deadlineNs: 0n })).toBe('reached');
    expect(await fences.acquire.reached(1, { deadlineNs: 0n })).toBe('timed-out');
  });

  test('rejects with the reason of its signal, and the next one is none the worse', async () => {
    using fences = await openFences();
    const aborting = new AbortController();
    const reason = new Error('enough');
    const aborted = expect(fences.acquire.reached(1, { signal: aborting.signal })).rejects.toBe(reason);
    const other = fences.acquire.reached(1, patiently());
    aborting.abort(reason);
    await aborted;
    await expect(fences.acquire.reached(1, { signal: aborting.signal })).rejects.toBe(reason);
    fences.other.acquire.advance();
    expect(await other).toBe('reached');
  });

  test('ends with what its own side says as well as with what the other side says', async () => {
    using fences = await openFences();
    const waits = [1, 2, 2].map((point) => fences.release.reached(point, patiently()));
    expect(fences.release.advance()).toBe(1);
    expect(await waits[0]).toBe('reached');
    expect(fences.other.release.advance()).toBe(2);
    expect(await Promise.all(waits)).toEqual(['reached', 'reached', 'reached']);
    expect([fences.release.point, fences.other.release.point, fences.acquire.point]).toEqual([2, 2, 0]);
  });

  test('ends with its deadline although somebody changes the word without a rest', async () => {
    using fences = await openFences();
    const deadlineNs = inMs(60);
    const ended = fences.acquire.reached(0x7fff_ffff, { deadlineNs });
    const turning = new AbortController();
    const flips = (async () => {
      while (!turning.signal.aborted) {
        fences.other.acquire.advance();
        await nextTurn();
      }
    })();
    expect(await ended).toBe('timed-out');
    expect(process.hrtime.bigint()).toBeGreaterThanOrEqual(deadlineNs);
    turning.abort();
    await flips;
  });

  test('is for a buffer: its successor in the entry starts at 0, and the old one is gone', async () => {
    using fences = await openFences();
    fences.acquire.advance();
    const { reference } = fences.buffer;
    fences.buffer[Symbol.dispose]();
    await expect.poll(() => host.buffers.resolve(reference)).toBeUndefined();
    using successor = await allocated(client.gralloc);
    expect(successor.reference.entry).toBe(reference.entry);
    expect([successor.acquire.point, successor.release.point]).toEqual([0, 0]);
    const outcomes = [fences.acquire.reached(1), fences.release.reached(0)];
    expect(await Promise.all(outcomes)).toEqual(['gone', 'gone']);
    expect([fences.acquire.advance(), fences.other.acquire.advance()]).toEqual(['gone', 'gone']);
    expect([successor.acquire.point, successor.release.point]).toEqual([0, 0]);
  });
});

test('of 65 waits of one process the driver lets 64 sleep, the last is refused: EBUSY', async () => {
  using held = new DisposableStack();
  const buffers: GraphicsBuffer[] = [];
  while (buffers.length < 65) buffers.push(held.use(await allocated(client.gralloc)));
  const waits = buffers.map(({ acquire }) => acquire.reached(1, patiently()));
  const refusal = {
    code: 'EBUSY',
    detail: expect.stringContaining('64 requests of this channel sleep already'),
  };
  await expect(Promise.all(waits)).rejects.toMatchObject(refusal);
  for (const { acquire } of buffers) acquire.advance();
  const outcomes = await Promise.allSettled(waits);
  const reached = outcomes.filter(({ status }) => status === 'fulfilled');
  expect(reached).toEqual(Array.from({ length: 64 }, () => ({ status: 'fulfilled', value: 'reached' })));
});

describe('when a party dies or lets go', () => {
  test('a killed producer: waits for what somebody holds last until their deadline, those for what went with it end', async () => {
    await using doomed = await startCompanion(guest);
    const held = await allocatedBy(doomed, wide);
    const lone = await allocatedBy(doomed, wide);
    const { message, fds } = await doomed.take(held);
    using buffer = await client.gralloc.receive(message, fds);
    const [heldThere, loneThere] = [held, lone].map((reference) => host.buffers.resolve(reference));
    void doomed.draw(held, 2);
    expect(await buffer.acquire.reached(1, patiently())).toBe('reached');

    const deadlineNs = inMs(500);
    const waits = [buffer, heldThere].map((one) => one?.acquire.reached(2, { deadlineNs }));
    const ended = loneThere?.acquire.reached(2);
    doomed.child.kill('SIGKILL');
    await doomed.child.ended;
    buffer.release.advance();
    expect(await Promise.all(waits)).toEqual(['timed-out', 'timed-out']);
    expect(process.hrtime.bigint()).toBeGreaterThanOrEqual(deadlineNs);
    expect(await ended).toBe('gone');
    expect(buffer.bytes.every((byte) => byte === 1)).toBe(true);
  });

  test('a holder that lets go ends its own waits at once, not those of another holder', async () => {
    using buffer = await allocated(client.gralloc);
    using again = await buffer.duplicate();
    const ended = buffer.acquire.reached(1);
    const withSignal = buffer.release.reached(1, { signal: new AbortController().signal });
    const going = again.acquire.reached(1, patiently());
    buffer[Symbol.dispose]();
    expect(await Promise.all([ended, withSignal])).toEqual(['gone', 'gone']);
    expect(again.acquire.advance()).toBe(1);
    expect(await going).toBe('reached');
    expect(await buffer.acquire.reached(1)).toBe('gone');
  });

  test('a guest that crashes ends all its waits', async () => {
    await using other = await startGuest();
    using stranger = await openClient(other);
    using buffer = await allocated(stranger.gralloc);
    const waits = [buffer.acquire.reached(1), buffer.release.reached(1, patiently())];
    other.driver.kill('SIGKILL');
    expect(await Promise.all(waits)).toEqual(['gone', 'gone']);
    expect(buffer.lost.aborted).toBe(true);
    await other.allocator.ended;
  });
});
