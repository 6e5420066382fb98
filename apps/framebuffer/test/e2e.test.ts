/** Frames from a guest process to a host process: right ones, in order, whoever of the two comes late or dies. */
import { guardLeaks, sharedByTests } from '@vsoc/testkit/hooks';
import { openGuest } from '@vsoc/vsoc/guest';
import { connectHost } from '@vsoc/vsoc/host';
import { expect, test } from 'vitest';
import { openFramebuffer } from '../src/guest.js';
import { damageLimit, framebuffer } from '../src/layout.js';
import { size } from './fixtures/pixels.mjs';
import { firstWrongPixel, framesTimeoutMs, openHost, serialsOf, startRun, takeFrames } from './run.js';

const run = sharedByTests(startRun);
guardLeaks();

const isAscending = (serials: readonly number[]) =>
  serials.every((serial, i) => i === 0 || serial > (serials[i - 1] as number));

test('under a guest that presents as fast as it can, every frame that is taken is whole and newer', async () => {
  await using _guest = await run.startGuest('presenter', '--picture', 'fill');
  using host = await openHost(run);
  const frames = await takeFrames(host, (_, count) => count === 200);
  expect(frames.map((frame) => firstWrongPixel('fill', frame)).filter(Boolean)).toEqual([]);
  expect(isAscending(serialsOf(frames))).toBe(true);
  expect(host.counters.unreadable).toBe(0);
});

test('frames composed of damage are as right as whole ones', async () => {
  await using _guest = await run.startGuest('presenter', '--picture', 'box', '--period', '2');
  using host = await openHost(run);
  const frames = await takeFrames(host, (_, count) => count === 60);
  expect(frames.map((frame) => firstWrongPixel('box', frame)).filter(Boolean)).toEqual([]);
  const composed = frames.filter(({ damage }) => damage.every(({ width }) => width < size.widthPx));
  expect(composed.length).toBeGreaterThan(0);
});

test('a host that comes late gets the current frame at once, as a whole', async () => {
  await using _guest = await run.startGuest('presenter', '--picture', 'fill', '--frames', '1');
  using host = await openHost(run);
  const [last] = await takeFrames(host, () => true);
  using later = await openHost(run);
  const [again] = await takeFrames(later, () => true);
  expect(again?.serial).toBe(last?.serial);
  expect(again && firstWrongPixel('fill', again)).toBeUndefined();
  expect(again?.damage).toEqual([{ x: 0, y: 0, width: size.widthPx, height: size.heightPx }]);
});

test('a slow reader passes frames over and gets the newest', async () => {
  await using _guest = await run.startGuest('presenter', '--picture', 'fill', '--period', '1');
  using host = await openHost(run);
  using device = await connectHost({ serverSocket: run.paths.serverSocket });
  using region = await device.open(framebuffer);
  const serials: number[] = [];
  for await (const frame of host.frames({ signal: AbortSignal.timeout(framesTimeoutMs) })) {
    expect(firstWrongPixel('fill', frame)).toBeUndefined();
    serials.push(frame.serial);
    if (serials.length === 5) break;
    // As slow as it takes for the guest to be two frames ahead.
    await expect.poll(() => region.data.frame.serial, { interval: 10 }).toBeGreaterThan(frame.serial + 1);
  }
  expect(isAscending(serials)).toBe(true);
  expect((serials.at(-1) as number) - (serials[0] as number)).toBeGreaterThan(serials.length - 1);
});

test('when the host half is killed the guest goes on, and the next one sees the newest', async () => {
  await using _guest = await run.startGuest('presenter', '--picture', 'fill', '--period', '1');
  const reported: number[] = [];
  const watcher = await run.processes.start({
    name: 'watcher',
    program: 'apps/framebuffer/test/fixtures/watcher.mjs',
    onReport: (report) => reported.push((report as { serial: number }).serial),
  });
  await expect.poll(() => reported.length).toBeGreaterThan(5);
  watcher.kill('SIGKILL');
  await watcher.ended;
  const last = reported.at(-1) as number;
  using host = await openHost(run);
  const frames = await takeFrames(host, ({ serial }, count) => count >= 20 && serial > last + 20);
  expect(frames.map((frame) => firstWrongPixel('fill', frame)).filter(Boolean)).toEqual([]);
  expect(frames[0]?.serial).toBeGreaterThanOrEqual(last);
});

test('when the guest is killed in the middle of its work, its successor goes on with the next serial', async () => {
  using host = await openHost(run);
  const serials: number[] = [];
  for (let life = 0; life < 3; life++) {
    await using guest = await run.startGuest('presenter', '--picture', 'box', '--period', '1');
    const frames = await takeFrames(host, (_, count) => count === 10);
    guest.kill('SIGKILL');
    await guest.ended;
    expect(frames.map((frame) => firstWrongPixel('box', frame)).filter(Boolean)).toEqual([]);
    serials.push(...serialsOf(frames));
  }
  expect(isAscending(serials)).toBe(true);
});

test('the guest half refuses what it could not take back before it touches the record', async () => {
  using device = await openGuest({ deviceDirectory: run.paths.deviceDir });
  using region = await device.open(framebuffer);
  using half = await openFramebuffer(device);
  const { sequence, frame } = region.data;
  const source = { reference: { epoch: device.epoch, entry: 1, generation: 0 }, ...size };
  const drawnAtNs = process.hrtime.bigint();
  half.present(source, { drawnAtNs, damage: [{ x: 0, y: 0, width: 1, height: 1 }] });
  // The first frame of a half is whole: it does not know what its predecessor showed.
  expect([frame.damageCount, frame.damage.at(0).width]).toEqual([1, size.widthPx]);
  const written = sequence.load();
  const damage = [{ x: -1, y: 0, width: 1, height: 1 }];
  const { nextSerial } = half;
  expect(() => half.present(source, { drawnAtNs, damage })).toThrow(RangeError);
  expect([sequence.load(), half.nextSerial]).toEqual([written, nextSerial]);

  half.present(source, { drawnAtNs: process.hrtime.bigint() + 1_000_000_000_000n, damage: [] });
  expect([frame.ageUs, frame.damageCount]).toEqual([0, 0]);
  half.present(source, { drawnAtNs: drawnAtNs - 10_000_000_000_000n });
  expect([frame.ageUs, frame.damageCount]).toEqual([0xffff_ffff, 1]);
  const many = Array.from({ length: damageLimit + 1 }, (_, x) => ({ x, y: 0, width: 1, height: 1 }));
  half.present(source, { drawnAtNs, damage: many });
  expect([frame.damageCount, frame.damage.at(0).width]).toEqual([1, size.widthPx]);
});
