/**
 * Everything that can be wrong with what a client asks: by the library, and over the bare socket as a client in another
 * language would send it. Each is refused with a code and a reason, or the client is closed alone; every descriptor that
 * came along is closed, and nothing stays charged.
 */
import { guardLeaks, sharedByTests } from '@vsoc/testkit/hooks';
import { afterEach, describe, expect, test } from 'vitest';
import { maxSidePx, pixelFormat } from '../src/formats.js';
import type { AllocationRequest } from '../src/guest.js';
import { openOffer, openRaw, requestBytes, stopped } from './raw-client.js';
import { allocated, freedAfterEachTest, openClient, openManager, picture, startGuest } from './run.js';

const budgetBytes = 65_536;
const whole = { ...picture, format: pixelFormat.blob, widthPx: budgetBytes, heightPx: 1 };

const allocatorArgs = ['--budget-bytes', String(budgetBytes)];
const guest = sharedByTests(() => startGuest({ allocatorArgs }));
freedAfterEachTest(guest);
const client = sharedByTests(() => openClient(guest));
const manager = sharedByTests(() => openManager(client));
guardLeaks();
afterEach(async () => {
  const { allocate } = client.gralloc;
  const allIsLeft = { refused: 'EDQUOT', remainingBytes: budgetBytes };
  await expect.poll(() => allocate({ ...whole, widthPx: budgetBytes + 1 })).toEqual(allIsLeft);
  expect(manager.live()).toBe(0);
  using _all = await allocated(client.gralloc, whole);
});

const { rgb888, blob, ycbcr420888, yv12 } = pixelFormat;
const formatNames =
  '0x1 (RGBA_8888), 0x2 (RGBX_8888), 0x3 (RGB_888), 0x4 (RGB_565), 0x5 (BGRA_8888), 0x21 (BLOB)';
const noFormat = (seen: number) =>
  `expected one of the pixel formats ${formatNames}, 0x23 (YCbCr_420_888), 0x32315659 (YV12); saw 0x${seen.toString(16)}`;
const noUsage = (seen: number) =>
  `expected usage bits among 0x208ff, which something here serves; saw 0x${seen.toString(16)}`;
const side = (name: string, px: number) => `${name} of a buffer is 1 to 16384 px, not ${px}`;

/** What differs from a request that would be granted, and the reason. All of these are u32 on the wire. */
const refused: readonly (readonly [Partial<AllocationRequest>, string])[] = [
  [{ format: 0 }, noFormat(0x0)],
  [{ format: 6 }, noFormat(0x6)],
  [{ format: 0x22 }, noFormat(0x22)],
  [{ format: 0xffff_ffff }, noFormat(0xffffffff)],
  [{ widthPx: 0 }, side('width', 0)],
  [{ heightPx: 0 }, side('height', 0)],
  [{ widthPx: maxSidePx + 1 }, side('width', 16_385)],
  [{ heightPx: 0xffff_ffff }, side('height', 0xffff_ffff)],
  [{ format: rgb888, widthPx: 2 ** 31 }, side('width', 2 ** 31)],
  [{ format: ycbcr420888, widthPx: 63 }, 'width of a YCbCr_420_888 buffer is even, not 63'],
  [{ format: ycbcr420888, heightPx: 1 }, 'height of a YCbCr_420_888 buffer is even, not 1'],
  [{ format: yv12, widthPx: 1 }, 'width of a YV12 buffer is even, not 1'],
  [{ format: yv12, heightPx: 15 }, 'height of a YV12 buffer is even, not 15'],
  [{ format: yv12, heightPx: 0 }, side('height', 0)],
  [{ format: blob, widthPx: 0, heightPx: 1 }, 'a BLOB has 1 to 2147483648 bytes, not 0'],
  [{ format: blob, widthPx: 2 ** 31 + 1, heightPx: 1 }, 'a BLOB has 1 to 2147483648 bytes, not 2147483649'],
  [{ format: blob, widthPx: 8, heightPx: 2 }, 'height of a BLOB is 1, not 2'],
  [{ usage: 0x100 }, noUsage(0x100)],
  [{ usage: 0xffff_ffff }, noUsage(0xfffdf700)],
  [{ usage: 0x44 }, 'expected 0, 2 (rarely) or 3 (often) as usage by the CPU to read; saw 4'],
  [{ usage: 0x13 }, 'expected 0, 2 (rarely) or 3 (often) as usage by the CPU to write; saw 1'],
  [{ usage: 0x8000_0033 }, noUsage(0x80000000)],
];

describe('the library', () => {
  test.each(refused)('refuses to allocate %o: EINVAL', async (wrong, detail) => {
    const refusal = { name: 'VsocError', code: 'EINVAL', op: 'allocate', detail };
    await expect(client.gralloc.allocate({ ...picture, ...wrong })).rejects.toMatchObject(refusal);
  });

  const noNumbers = [1.5, -1, 2 ** 32, Number.NaN, Infinity];
  const fields = ['widthPx', 'heightPx', 'format', 'usage'] as const;
  test.each(fields)('throws where %s is no 32-bit number: that never leaves the process', async (name) => {
    for (const value of noNumbers) {
      const text = `gralloc_allocate_request.${name}: expected an integer from 0 to 4294967295, saw ${value}`;
      const allocating = client.gralloc.allocate({ ...picture, [name]: value });
      await expect(allocating).rejects.toThrow(new RangeError(text));
    }
    // None of them counts as a request under way.
    for (const buffer of await Promise.all(Array.from({ length: 16 }, () => allocated(client.gralloc))))
      buffer[Symbol.dispose]();
  });
});

describe('the bare socket', () => {
  test('answers every bad request with its id, −EINVAL, the reason, no descriptor; and the next one as ever', async () => {
    using raw = openRaw(guest);
    const nothing = { status: -22, reference: [0, 0, 0], availableBytes: 0, tokens: 0 };
    for (const [index, [wrong, text]] of refused.entries()) {
      raw.send(requestBytes(1000 + index, wrong));
      const answers = await raw.answered(index + 1);
      expect(answers.at(-1)).toEqual({ ...nothing, id: 1000 + index, text });
    }
    raw.send(requestBytes(7));
    const answers = await raw.answered(refused.length + 1);
    expect(answers.at(-1)).toMatchObject({ id: 7, status: 0, tokens: 1, text: '' });
  });

  test.each([1, 7, 19])('a request of %i bytes ends its sender alone', async (sizeBytes) => {
    using other = openRaw(guest);
    using raw = openRaw(guest);
    using offer = openOffer();
    raw.send(requestBytes(1).subarray(0, sizeBytes), offer.give());
    await expect.poll(raw.ended).toBe(true);
    await expect.poll(offer.closed).toBe(true);
    expect(raw.answers).toEqual([]);
    other.send(requestBytes(2));
    expect(await other.answered(1)).toMatchObject([{ id: 2, status: 0, tokens: 1 }]);
  });

  test('of a longer request what lies behind the five words is left unread', async () => {
    using raw = openRaw(guest);
    for (const sizeBytes of [21, 24, 4096]) raw.send(requestBytes(sizeBytes, {}, sizeBytes));
    const answers = await raw.answered(3);
    expect(answers).toMatchObject([21, 24, 4096].map((id) => ({ id, status: 0, tokens: 1 })));
  });

  test('a message that no protocol here knows ends its sender alone', async () => {
    using raw = openRaw(guest);
    using offer = openOffer();
    raw.send(requestBytes(1, {}, 4097), offer.give());
    await expect.poll(raw.ended).toBe(true);
    await expect.poll(offer.closed).toBe(true);
    expect(raw.answers).toEqual([]);
  });

  test('descriptors that come with a request are closed, whatever its answer', async () => {
    using raw = openRaw(guest);
    using first = openOffer();
    using second = openOffer();
    raw.send(requestBytes(1), [...first.give(), ...second.give()]);
    using third = openOffer();
    raw.send(requestBytes(2, { format: 0 }), third.give());
    expect(await raw.answered(2)).toMatchObject([
      { id: 1, status: 0, tokens: 1 },
      { id: 2, status: -22, tokens: 0 },
    ]);
    for (const offer of [first, second, third]) await expect.poll(offer.closed).toBe(true);
  });

  test('sixteen requests at once are granted, one after the other', async () => {
    using raw = openRaw(guest);
    {
      using _driver = await stopped(guest.driver);
      for (let id = 1; id <= 16; id++) raw.send(requestBytes(id));
    }
    const answers = await raw.answered(16);
    expect(answers.map(({ id, status, tokens }) => [id, status, tokens])).toEqual(
      Array.from({ length: 16 }, (_, index) => [index + 1, 0, 1]),
    );
    const entries = answers.map(({ reference: [, entry] }) => entry);
    expect(new Set(entries).size).toBe(16);
    raw.send(requestBytes(17));
    // EDQUOT: the sixteen are all that this process may have.
    expect((await raw.answered(17)).at(-1)).toMatchObject({
      id: 17,
      status: -122,
      availableBytes: 0,
      tokens: 0,
    });
  });

  test('a seventeenth ends its sender alone, and what it was about to be granted is free', async () => {
    using raw = openRaw(guest);
    {
      using _driver = await stopped(guest.driver);
      for (let id = 1; id <= 17; id++) raw.send(requestBytes(id));
      await expect.poll(raw.ended).toBe(true);
    }
    expect(raw.answers).toEqual([]);
  });

  test('who is gone before the answer has nothing, and costs nothing', async () => {
    const raw = openRaw(guest);
    using _driver = await stopped(guest.driver);
    for (let id = 1; id <= 4; id++) raw.send(requestBytes(id));
    raw[Symbol.dispose]();
  });
});

describe('the allocator', () => {
  const noBudgets = ['', '-1', '1.5', '1e6', '0x1000', '9007199254740992'];
  test('takes no budget but a whole number of bytes', async () => {
    const program = 'apps/gralloc/dist/bin/allocator.js';
    const starting = noBudgets.map((text) => {
      const start = guest.processes.start({ name: 'allocator', program, args: [`--budget-bytes=${text}`] });
      return expect(start).rejects.toThrow(`--budget-bytes ${text}: expected a whole number of bytes`);
    });
    await Promise.all(starting);
  });
});
