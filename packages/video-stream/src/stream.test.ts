import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { connectByHand, frame, noise, serveStream } from '../test/served-stream.js';
import type { VideoFrame } from './frame.js';
import { watchVideo } from './viewer-node.js';
import { closeCode, writeAck, writeHello } from './wire.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

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
    const noisy = () => frame(serial, { ...size, rgba: noise(512 * 512 * 4, serial) });
    served.stream.push(noisy());
    let baseBytes = 0;
    const heldBytes = () => {
      collectGarbage();
      return process.memoryUsage().arrayBuffers;
    };
    for await (const seen of watchVideo({ url: served.url })) {
      if (seen.serial === 20) baseBytes = heldBytes();
      if (seen.serial === 80) break;
      serial = seen.serial + 1;
      served.stream.push(noisy());
    }
    // 60 more frames of 1 MiB went by; what the stuck one holds is bounded by its credit of 8.
    // Buffers of the dead are given back by another thread, which a busy machine may keep waiting.
    await expect.poll(() => heldBytes() - baseBytes).toBeLessThan(30 * 1024 * 1024);
    expect(served.stream.statistics().framesSent).toBe(80 + 8);
  });

  it('one that acknowledges without reading is held to a bound as well', async () => {
    await using served = await serveStream();
    using cheat = await connectByHand(served.url);
    cheat.send(writeHello('lossless', 8));
    await cheat.settle();
    cheat.socket.pause();
    let mostUnsentBytes = 0;
    for (let serial = 1; serial <= 40; serial++) {
      served.stream.push(frame(serial, { widthPx: 512, heightPx: 512, rgba: noise(512 * 512 * 4, serial) }));
      const { framesSent } = served.stream.statistics();
      await expect.poll(() => served.stream.statistics().encodings, { interval: 2 }).toBe(framesSent);
      if (framesSent === serial) cheat.send(writeAck(serial));
      mostUnsentBytes = Math.max(mostUnsentBytes, served.unsentBytes());
    }
    expect(served.stream.statistics().framesSent).toBeLessThan(40);
    expect(mostUnsentBytes).toBeLessThan(10 * 1024 * 1024);
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
