import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { connectByHand, frame, serveStream } from '../test/served-stream.ts';
import type { VideoFrame } from './frame.ts';
import type { VideoStream } from './stream.ts';
import { watchVideo } from './viewer-node.ts';
import { closeCode, writeAck, writeHello } from './wire.ts';

describe('credit', () => {
  it('sends no more frames than were granted, and the newest one once credit is back', async () => {
    await using served = await serveStream();
    using viewer = await connectByHand(served.url);
    viewer.send(writeHello('lossless', 2));
    for (let serial = 1; serial <= 2; serial++) {
      served.stream.push(frame(serial));
      await viewer.until(serial);
    }
    for (let serial = 3; serial <= 9; serial++) served.stream.push(frame(serial));
    await viewer.settle();
    expect(viewer.messages.map((message) => message.serial)).toEqual([1, 2]);
    viewer.send(writeAck(1));
    await viewer.until(3);
    expect(viewer.messages.map((message) => message.serial)).toEqual([1, 2, 9]);
    expect(served.stream.statistics()).toMatchObject({ framesPushed: 9, framesSent: 3, encodings: 3 });
  });

  it('latest frame wins before the encoder: what is superseded is never encoded', async () => {
    await using served = await serveStream({ encoderSlots: 1 });
    using viewer = await connectByHand(served.url);
    viewer.send(writeHello('lossless', 8));
    await viewer.settle();
    for (let serial = 1; serial <= 50; serial++) served.stream.push(frame(serial));
    await viewer.until(2);
    expect(viewer.messages.map((message) => message.serial)).toEqual([1, 50]);
    expect(served.stream.statistics().encodings).toBe(2);
  });
});

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

describe('viewers', () => {
  it('a late one is served at once with the whole newest frame', async () => {
    await using served = await serveStream();
    served.stream.push(frame(7));
    served.stream.push(frame(8, { damage: [{ x: 0, y: 0, width: 1, height: 1 }] }));
    for await (const seen of watchVideo({ url: served.url })) {
      expect(seen).toMatchObject({ serial: 8, widthPx: 64, heightPx: 48 });
      expect(Buffer.compare(seen.rgba, frame(8).rgba)).toBe(0);
      break;
    }
  });

  it('that want the same share one encoding', async () => {
    await using served = await serveStream();
    const viewers = await Promise.all([1, 2, 3, 4].map(() => connectByHand(served.url)));
    for (const viewer of viewers) viewer.send(writeHello('lossless', 2));
    await Promise.all(viewers.map((viewer) => viewer.settle()));
    served.stream.push(frame(1));
    await Promise.all(viewers.map((viewer) => viewer.until(1)));
    expect(served.stream.statistics()).toMatchObject({ viewers: 4, framesSent: 4, encodings: 1 });
    for (const viewer of viewers) viewer[Symbol.dispose]();
  });

  it('one that reads nothing neither delays the others nor grows memory', async () => {
    await using served = await serveStream();
    using stuck = await connectByHand(served.url);
    stuck.send(writeHello('lossless', 8));
    await stuck.settle();
    stuck.socket.pause();
    const size = { widthPx: 512, heightPx: 512 };
    let serial = 1;
    const noisy = () => {
      const rgba = new Uint8Array(512 * 512 * 4).map((_, i) => Math.imul(i + serial, 2654435761) >>> 24);
      return frame(serial, { ...size, rgba });
    };
    served.stream.push(noisy());
    let baseBytes = 0;
    for await (const seen of watchVideo({ url: served.url })) {
      if (seen.serial === 20) baseBytes = process.memoryUsage().arrayBuffers;
      if (seen.serial === 80) break;
      serial = seen.serial + 1;
      served.stream.push(noisy());
    }
    // 60 more frames of 1 MiB went by; what the stuck one holds is bounded by its credit of 8.
    expect(process.memoryUsage().arrayBuffers - baseBytes).toBeLessThan(30 * 1024 * 1024);
    expect(served.stream.statistics().framesSent).toBe(80 + 8);
  });

  it('that vanish end alone', async () => {
    await using served = await serveStream();
    using vanishing = await connectByHand(served.url);
    vanishing.send(writeHello('lossless', 8));
    served.stream.push(frame(1));
    await vanishing.until(1);
    vanishing.socket.terminate();
    for await (const seen of watchVideo({ url: served.url })) {
      if (seen.serial === 5) break;
      served.stream.push(frame(seen.serial + 1));
    }
    expect(served.stream.statistics().viewers).toBeLessThanOrEqual(1);
  });

  it('beyond the limit are refused with the reason', async () => {
    await using served = await serveStream({ maxViewers: 1 });
    using first = await connectByHand(served.url);
    await first.settle();
    using second = await connectByHand(served.url);
    expect(await second.closed).toEqual({
      code: closeCode.tooManyViewers,
      reason: 'at most 1 viewers at a time',
    });
  });

  it('are told when the stream ends', async () => {
    const served = await serveStream();
    using viewer = await connectByHand(served.url);
    await viewer.settle();
    await served[Symbol.asyncDispose]();
    expect(await viewer.closed).toEqual({ code: closeCode.streamEnded, reason: 'the stream has ended' });
    expect(() => served.stream.push(frame(3))).toThrow('frame 3 pushed into a stream that is closed');
  });

  it('a program that watches gets the end of the stream as an error, its own abort as an end', async () => {
    const served = await serveStream();
    const watching = watchVideo({ url: served.url });
    served.stream.push(frame(1));
    await watching.next();
    const aborting = watchVideo({ url: served.url, signal: AbortSignal.timeout(20) });
    for await (const _ of aborting);
    await served[Symbol.asyncDispose]();
    await expect(watching.next()).rejects.toThrow('ended with code 1001: the stream has ended');
  });
});

describe('a viewer that breaks the protocol is closed with code and reason', () => {
  it.each<[string, readonly (Uint8Array | string)[], number, string]>([
    ['text', ['hello'], closeCode.notBinary, 'malformed message: text, only binary is understood'],
    [
      'an unknown kind',
      [Uint8Array.of(9, 0, 0, 0)],
      closeCode.malformed,
      'malformed message: kind 9 in 4 B is no known message',
    ],
    [
      'a megabyte',
      [new Uint8Array(1 << 20)],
      closeCode.tooBig,
      'malformed message: 1048576 B, at most 16 expected',
    ],
    ['two hellos', [writeHello('jpeg', 2), writeHello('jpeg', 2)], closeCode.violation, 'a second hello'],
    ['an ack before hello', [writeAck(3)], closeCode.violation, 'ack of serial 3, none is outstanding'],
    [
      'an ack of another frame',
      [writeHello('jpeg', 2), writeAck(3)],
      closeCode.violation,
      'ack of serial 3, expected 1',
    ],
  ])('%s', async (_, messages, code, reason) => {
    await using served = await serveStream();
    served.stream.push(frame(1));
    using viewer = await connectByHand(served.url);
    for (const message of messages) viewer.socket.send(message);
    expect(await viewer.closed).toEqual({ code, reason });
    expect(served.stream.statistics().viewers).toBe(0);
  });
});

describe('push', () => {
  it('throws on frames that cannot be, naming what was expected and seen', async () => {
    await using served = await serveStream();
    const push = (changes: Partial<VideoFrame>) => () => served.stream.push(frame(1, changes));
    expect(push({ widthPx: 0 })).toThrow('frame 1: widthPx must be 1 to 16384, is 0');
    expect(push({ strideBytes: 255 })).toThrow('frame 1: strideBytes must be at least 256, is 255');
    expect(push({ rgba: new Uint8Array(5) })).toThrow('frame 1: needs 12288 B of pixels, has 5');
    expect(push({ rgba: new Uint8Array(new SharedArrayBuffer(12288)) })).toThrow('must be a private copy');
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
