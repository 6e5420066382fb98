/** The player as a process among the real others: what the host sees of each source, and how the player ends. */
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { grallocManager } from '@vsoc/gralloc/layout';
import { createPipe } from '@vsoc/native';
import { guardLeaks, sharedByTests } from '@vsoc/testkit/hooks';
import { openGuest } from '@vsoc/vsoc/guest';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { openHost, patternPixels, pixelsOf, plainPixels, size, sizeText, startRun } from './run.js';

const run = sharedByTests(startRun);
guardLeaks();

test('the pattern arrives as its serials demand, however fast, and across the death of its player', async () => {
  using host = await openHost(run);
  const serials: number[] = [];
  for (let life = 0; life < 2; life++) {
    await using player = await run.startPlayer(['--fps', '240']);
    for (const frame of await host.take((_, count) => count === 25)) {
      serials.push(frame.serial);
      expect(pixelsOf(frame).equals(patternPixels(frame.serial)), `picture ${frame.serial}`).toBe(true);
    }
    player.kill('SIGKILL');
    await player.ended;
  }
  expect(serials.every((serial, i) => i === 0 || serial > (serials[i - 1] as number))).toBe(true);
  // The kernel closed the tokens of the dead: all their buffers are free.
  using device = await openGuest({ deviceDirectory: run.paths.deviceDir });
  using manager = await device.open(grallocManager);
  const live = () => [...manager.data.entries].filter(({ owner }) => owner.load() !== 0).length;
  await expect.poll(live).toBe(0);
});

test('a film plays in its order, and its last picture stays for hosts that come later', async () => {
  const file = run.file('film.gif');
  const colours = [0xff0000ff, 0xff00ff00, 0xffff0000];
  const pages = colours.map((colour) =>
    sharp(plainPixels(colour), { raw: { width: size.widthPx, height: size.heightPx, channels: 4 } }).png(),
  );
  const joined = sharp(await Promise.all(pages.map((page) => page.toBuffer())), { join: { animated: true } });
  await joined.gif({ delay: [120, 120, 120], loop: 1 }).toFile(file);

  using host = await openHost(run);
  await using _player = await run.startPlayer(['--play', file]);
  const isLast = (colour = colours.at(-1) as number) => plainPixels(colour);
  const taken = await host.take((frame) => pixelsOf(frame).equals(isLast()));
  const order = taken.map((frame) =>
    colours.findIndex((colour) => pixelsOf(frame).equals(plainPixels(colour))),
  );
  expect(order).toEqual(order.toSorted());
  expect(order).not.toContain(-1);
  using later = await openHost(run);
  const [still] = await later.take(() => true);
  expect(still && pixelsOf(still).equals(isLast())).toBe(true);
});

describe('standard input', () => {
  async function startOn(bytes: Uint8Array) {
    const file = run.file('raw');
    writeFileSync(file, bytes);
    const stdin = openSync(file, 'r');
    try {
      return await run.startPlayer(['--stdin-rgba', sizeText], { stdin });
    } finally {
      closeSync(stdin);
    }
  }

  test('each frame is shown, and the last one stays', async () => {
    using host = await openHost(run);
    const film = [1, 2, 3].map((n) => plainPixels(0xff000000 + n));
    await using _player = await startOn(Buffer.concat(film));
    const last = film.at(-1) as Buffer;
    const taken = await host.take((frame) => pixelsOf(frame).equals(last));
    for (const frame of taken) expect(film.some((picture) => pixelsOf(frame).equals(picture))).toBe(true);
  });

  test('that ends inside a frame is an error that says where', async () => {
    const whole = plainPixels(0xff112233);
    const player = await startOn(Buffer.concat([whole, whole.subarray(0, 1000)]));
    expect(await player.ended).toMatchObject({
      code: 1,
      lastError: `standard input ended inside a frame: 1000 of its ${whole.byteLength} bytes came`,
    });
  });

  test('that stays silent holds up no end', async () => {
    const pipe = createPipe();
    const player = await run.startPlayer(['--stdin-rgba', sizeText], { stdin: pipe.read.fd });
    expect(await player.stop()).toMatchObject({ code: 0 });
    for (const end of [pipe.read, pipe.write]) end[Symbol.dispose]();
  });
});

test('a player that is always late, and that no host holds back, still hears that it shall end', async () => {
  const player = await run.startPlayer(['--size', '1600x1000', '--fps', '240']);
  expect(await player.stop()).toMatchObject({ code: 0 });
});

test.each([
  [['--size', '0x0'], '--size takes WIDTHxHEIGHT'],
  [['--play', 'a.gif', '--stdin-rgba', '2x2'], '--play and --stdin-rgba exclude each other'],
  [['--play', 'missing.gif'], 'missing.gif'],
  [['--size', '16000x16000'], 'no room for 3 buffers of 16000×16000'],
])('%j is refused with its reason', async (args, reason) => {
  await expect(run.startPlayer(args)).rejects.toThrow(reason);
});

test('when the guest crashes the player ends and says why', async () => {
  await using crashing = await startRun();
  const player = await crashing.startPlayer([]);
  crashing.driver.kill('SIGKILL');
  await crashing.allocator.ended;
  const { code, lastError } = await player.ended;
  expect(code).toBe(1);
  expect(lastError).toContain('the guest driver is gone: this guest has crashed');
});
