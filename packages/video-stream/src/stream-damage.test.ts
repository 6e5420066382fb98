import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { connectByHand, frame, serveStream } from '../test/served-stream.js';
import type { VideoFrame } from './frame.js';
import type { VideoStream } from './stream.js';
import { watchVideo } from './viewer-node.js';
import { writeAck, writeHello } from './wire.js';

describe('damage', () => {
  it('a frame without any is neither encoded nor sent', async () => {
    await using served = await serveStream();
    using viewer = await connectByHand(served.url);
    viewer.send(writeHello('lossless', 2));
    served.stream.push(frame(1));
    await viewer.until(1);
    viewer.send(writeAck(1));
    for (let serial = 2; serial <= 10; serial++) served.stream.push(frame(serial, { fill: 1, damage: [] }));
    await viewer.settle();
    expect(viewer.messages).toHaveLength(1);
    expect(served.stream.statistics()).toMatchObject({ framesUnchanged: 9, encodings: 1 });
  });

  it('the union since the last frame sent is what a viewer gets', async () => {
    await using served = await serveStream();
    using viewer = await connectByHand(served.url);
    viewer.send(writeHello('lossless', 1));
    served.stream.push(frame(1, { widthPx: 640, heightPx: 480 }));
    await viewer.until(1);
    const size = { widthPx: 640, heightPx: 480 };
    served.stream.push(frame(2, { ...size, damage: [{ x: 33, y: 0, width: 10, height: 10 }] }));
    served.stream.push(frame(3, { ...size, damage: [{ x: 60, y: 70, width: 10, height: 10 }] }));
    viewer.send(writeAck(1));
    await viewer.until(2);
    expect(viewer.messages[1]).toMatchObject({ serial: 3, x: 32, y: 0, width: 48, height: 80 });
  });

  it.each([
    ['a gap in the serials', { serial: 5 }],
    ['a step back', { serial: 1 }],
    ['a new size', { serial: 3, widthPx: 80 }],
  ])('%s makes the whole frame due', async (_, change) => {
    await using served = await serveStream();
    using viewer = await connectByHand(served.url);
    viewer.send(writeHello('lossless', 2));
    served.stream.push(frame(2));
    await viewer.until(1);
    const next = frame(change.serial, { ...change, damage: [] });
    served.stream.push(next);
    await viewer.until(2);
    expect(viewer.messages[1]).toMatchObject({ x: 0, y: 0, width: next.widthPx, height: next.heightPx });
  });

  it('serials wrap without a break', async () => {
    await using served = await serveStream();
    using viewer = await connectByHand(served.url);
    viewer.send(writeHello('lossless', 2));
    served.stream.push(frame(0xffff_ffff));
    await viewer.until(1);
    served.stream.push(frame(0, { damage: [{ x: 0, y: 0, width: 1, height: 1 }] }));
    await viewer.until(2);
    expect(viewer.messages[1]).toMatchObject({ serial: 0, width: 16, height: 16 });
  });

  it('far corners travel as two parts, acknowledged once, and compose to the exact picture', async () => {
    await using served = await serveStream();
    const size = { widthPx: 800, heightPx: 600 };
    const corners = [
      { x: 3, y: 3, width: 20, height: 20 },
      { x: 770, y: 570, width: 30, height: 30 },
    ];
    const first = frame(1, size);
    const rgba = first.rgba.slice();
    for (const { x, y, width, height } of corners) {
      for (let row = y; row < y + height; row++)
        rgba.fill(200, (row * 800 + x) * 4, (row * 800 + x + width) * 4);
    }
    served.stream.push(first);
    for await (const seen of watchVideo({ url: served.url, credit: 1 })) {
      if (seen.serial === 1) served.stream.push(frame(2, { ...size, rgba, damage: corners }));
      if (seen.serial === 2) expect(Buffer.compare(seen.rgba, rgba)).toBe(0);
      if (seen.serial === 2) served.stream.push(frame(3, size));
      if (seen.serial === 3) break;
    }
    expect(served.stream.statistics()).toMatchObject({ framesSent: 3, encodings: 4 });
  });

  it('random rectangles compose to the exact picture, whatever was superseded', async () => {
    const unit = fc.double({ min: 0, max: 1, noNaN: true });
    const step = fc.record({
      rects: fc.array(fc.tuple(unit, unit, unit, unit), { maxLength: 7 }),
      pause: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), fc.nat(), async (steps, seed) => {
        const frames = drawnFrames(steps, seed);
        await using served = await serveStream();
        served.stream.push(frames[0] as VideoFrame);
        let pushing: Promise<void> | undefined;
        for await (const seen of watchVideo({ url: served.url, encoding: 'lossless' })) {
          pushing ??= pushRest(served.stream, frames, steps);
          const expected = frames[seen.serial - 1] as VideoFrame;
          expect(Buffer.compare(seen.rgba, tight(expected)), `picture of serial ${seen.serial}`).toBe(0);
          if (seen.serial >= lastWithDamage(frames)) break;
        }
        await pushing;
      }),
      { numRuns: 25 },
    );
  });
});

type Unit = readonly [number, number, number, number];
type Step = { readonly rects: readonly Unit[]; readonly pause: boolean };

/** Each frame repaints some rectangles of the one before it, with a padded stride. */
function drawnFrames(steps: readonly Step[], seed: number): VideoFrame[] {
  const [widthPx, heightPx, strideBytes] = [150, 110, 616];
  let rgba = new Uint8Array(strideBytes * heightPx).fill(seed);
  return steps.map(({ rects }, index) => {
    rgba = rgba.slice();
    const damage = rects.map(([x, y, w, h]) => ({
      x: Math.floor(x * (widthPx - 1)),
      y: Math.floor(y * (heightPx - 1)),
      width: 1 + Math.floor(w * (1 - x) * (widthPx - 1)),
      height: 1 + Math.floor(h * (1 - y) * (heightPx - 1)),
    }));
    for (const [i, { x, y, width, height }] of damage.entries()) {
      for (let row = y; row < y + height; row++) {
        const from = row * strideBytes + x * 4;
        rgba.fill((seed + 31 * index + 7 * i + row) & 255, from, from + width * 4);
      }
    }
    return frame(index + 1, { widthPx, heightPx, strideBytes, rgba, damage });
  });
}

async function pushRest(stream: VideoStream, frames: readonly VideoFrame[], steps: readonly Step[]) {
  for (const [index, one] of frames.entries()) {
    if (index > 0) stream.push(one);
    if (steps[index]?.pause) await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** The first frame counts: a viewer has seen nothing before it. */
function lastWithDamage(frames: readonly VideoFrame[]): number {
  return frames.findLast((one) => one.damage.length > 0)?.serial ?? 1;
}

function tight({ rgba, strideBytes, widthPx, heightPx }: VideoFrame): Uint8Array {
  const rows = Array.from({ length: heightPx }, (_, row) =>
    rgba.subarray(row * strideBytes, row * strideBytes + widthPx * 4),
  );
  return Buffer.concat(rows);
}
