/** A stream behind a real websocket server on a port of its own, frames made by hand, and a viewer by hand. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import { createVideoStream, type Rect, type VideoFrame, type VideoStreamOptions } from '../src/index.js';
import { type FrameMessage, readFrameMessage } from '../src/wire.js';

export async function serveStream(options: VideoStreamOptions = {}) {
  const stream = createVideoStream(options);
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
  server.on('connection', (socket) => stream.attach(socket));
  await once(server, 'listening');
  return {
    stream,
    /** What the server holds for the viewer that takes least. */
    unsentBytes: () => Math.max(0, ...[...server.clients].map((socket) => socket.bufferedAmount)),
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    async [Symbol.asyncDispose]() {
      await stream[Symbol.asyncDispose]();
      for (const socket of server.clients) socket.terminate();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Pixels that do not compress (xorshift32). */
export function noise(byteCount: number, seed: number): Uint8Array {
  let state = seed | 1;
  const words = new Uint32Array(byteCount / 4).map(() => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state;
  });
  return new Uint8Array(words.buffer);
}

export function frame(serial: number, options: Partial<VideoFrame> & { fill?: number } = {}): VideoFrame {
  const { widthPx = 64, heightPx = 48, fill = serial } = options;
  const strideBytes = options.strideBytes ?? widthPx * 4;
  const rgba = options.rgba ?? new Uint8Array(strideBytes * heightPx).fill(fill);
  const damage: Rect[] = [{ x: 0, y: 0, width: widthPx, height: heightPx }];
  const drawnAtNs = process.hrtime.bigint();
  return { damage, drawnAtNs, ...options, serial, widthPx, heightPx, strideBytes, rgba };
}

/** Speaks the protocol by hand: nothing is acknowledged unless the test does it. */
export async function connectByHand(url: string) {
  const socket = new WebSocket(url);
  socket.binaryType = 'arraybuffer';
  const messages: FrameMessage[] = [];
  let wake = () => {};
  socket.on('message', (data) => {
    const message = readFrameMessage(new Uint8Array(data as ArrayBuffer));
    if (typeof message === 'string') throw new Error(message);
    messages.push(message);
    wake();
  });
  const closed = once(socket, 'close').then(([code, reason]) => ({
    code: Number(code),
    reason: String(reason),
  }));
  await once(socket, 'open');
  return {
    socket,
    messages,
    closed,
    send: (bytes: Uint8Array) => socket.send(bytes),
    async until(count: number): Promise<FrameMessage[]> {
      while (messages.length < count) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      return messages;
    },
    /** Whatever the server sent so far has arrived once a ping has come back. */
    async settle() {
      const pong = once(socket, 'pong');
      socket.ping();
      await pong;
    },
    [Symbol.dispose]: () => socket.terminate(),
  };
}
