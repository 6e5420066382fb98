// Real input instead of the test pattern: what goes in at one end is what a viewer gets at the other.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { watchVideo } from '@vsoc/video-stream/viewer-node';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { startDemo } from './fixtures/real-demo.js';

const widthPx = 128;
const heightPx = 96;
const size = `${widthPx}x${heightPx}`;

it('raw frames on standard input arrive byte by byte, and the last one stays', async () => {
  const run = await startDemo(['--stdin-rgba', size]);
  const picture = drawing(7);
  run.demo.stdin.end(Buffer.concat([drawing(3), picture]));
  expect(await hasSeen(run.videoUrl(), [picture])).toBe(true);
  expect(await hasSeen(run.videoUrl(), [picture])).toBe(true); // a late viewer, long after the input's end
  run.demo.kill('SIGTERM');
  expect(await run.closed).toEqual([0, null]);
  expect(await run.whatIsLeft()).toEqual([]);
});

it('an animated image plays again and again, every frame as it was drawn', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'vsoc-test-'));
  const file = join(folder, 'two-frames.webp');
  const pictures = [drawing(1), drawing(2)];
  const raw = { width: widthPx, height: heightPx * 2, channels: 4, pageHeight: heightPx } as const;
  await sharp(Buffer.concat(pictures), { raw })
    .webp({ lossless: true, loop: 0, delay: [50, 50] })
    .toFile(file);
  const run = await startDemo(['--play', file, '--size', size]);
  expect(await hasSeen(run.videoUrl(), [...pictures, ...pictures])).toBe(true);
  run.demo.kill('SIGTERM');
  expect(await run.closed).toEqual([0, null]);
  expect(await run.whatIsLeft()).toEqual([]);
  rmSync(folder, { recursive: true });
});

/** A picture with as many different pixels as it has places, opaque. */
function drawing(seed: number): Buffer {
  const rgba = Buffer.alloc(widthPx * heightPx * 4);
  for (let pixel = 0; pixel < widthPx * heightPx; pixel += 1) {
    rgba.writeUInt32LE((0xff000000 + ((pixel * 977 + seed * 65_537) & 0xffffff)) >>> 0, pixel * 4);
  }
  return rgba;
}

/** Whether these pictures come in this order, others being allowed between them. */
async function hasSeen(url: string, pictures: readonly Buffer[]): Promise<boolean> {
  const missing = [...pictures];
  const signal = AbortSignal.timeout(90_000);
  for await (const frame of watchVideo({ url, encoding: 'lossless', signal })) {
    if (missing[0]?.equals(frame.rgba)) missing.shift();
    if (missing.length === 0) return true;
  }
  return false;
}
