/**
 * A viewer for programs: the same protocol as the page's, pictures composed in memory instead of a canvas.
 * It does not reconnect: the end of the stream is an answer that its user wants to see.
 */
import sharp from 'sharp';
import { type RawData, WebSocket } from 'ws';
import { Picture } from './picture.js';
import {
  type Encoding,
  type FrameMessage,
  maxFrameMessageBytes,
  readFrameMessage,
  writeAck,
  writeHello,
} from './wire.js';

const closeTimeoutMs = 500;

export interface WatchOptions {
  /** The stream's websocket address, token included. */
  readonly url: string;
  readonly encoding?: Encoding;
  /** Frames that may be under way at a time. */
  readonly credit?: number;
  /** Ends the iteration without an error. */
  readonly signal?: AbortSignal;
}

export interface ComposedFrame {
  readonly serial: number;
  readonly widthPx: number;
  readonly heightPx: number;
  /** The whole picture, tightly packed; the receiver's own copy. */
  readonly rgba: Uint8Array;
  /** From the pixels drawn to here, without the time on the wire (durations cross, timestamps do not). */
  readonly ageMs: number;
}

/** Yields each frame once all its parts are composed, and acknowledges it then. Throws when the stream ends. */
export async function* watchVideo(options: WatchOptions): AsyncGenerator<ComposedFrame, void, undefined> {
  const { encoding = 'lossless', credit = 2, signal } = options;
  using connection = new Connection(options.url, signal);
  let picture: Picture | undefined;
  for (;;) {
    const event = await connection.next();
    if (event === 'open') {
      connection.send(writeHello(encoding, credit));
      continue;
    }
    if (event === undefined) return;
    const { message, receivedAtMs } = event;
    if (!picture?.fits(message)) picture = new Picture(message.frameWidth, message.frameHeight);
    picture.blit(message, await decode(message));
    if (message.partsFollowing > 0) continue;
    connection.send(writeAck(message.serial));
    const { widthPx, heightPx } = picture;
    const ageMs = message.ageUs / 1e3 + performance.now() - receivedAtMs;
    yield { serial: message.serial, widthPx, heightPx, rgba: picture.rgba.slice(), ageMs };
  }
}

async function decode(message: FrameMessage): Promise<Uint8Array> {
  const { data, info } = await sharp(message.payload)
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  if (info.width !== message.width || info.height !== message.height) {
    const seen = `image of ${info.width} × ${info.height} px`;
    throw new RangeError(`${seen} in a rectangle of ${message.width} × ${message.height} px`);
  }
  return data;
}

interface Received {
  readonly message: FrameMessage;
  readonly receivedAtMs: number;
}

/** The websocket as a queue; credit bounds its length. */
class Connection implements Disposable {
  readonly #url: string;
  readonly #socket: WebSocket;
  readonly #abort = new AbortController();
  readonly #queue: ('open' | Received | Error | undefined)[] = [];
  #wake: () => void = () => {};

  constructor(url: string, signal: AbortSignal | undefined) {
    this.#url = url;
    const origin = new URL(url).origin.replace(/^ws/, 'http');
    const limits = { maxPayload: maxFrameMessageBytes, perMessageDeflate: false, handshakeTimeout: 5_000 };
    this.#socket = new WebSocket(url, { origin, ...limits });
    this.#socket.binaryType = 'arraybuffer';
    this.#socket.on('open', () => this.#put('open'));
    this.#socket.on('message', (data) => this.#receive(data));
    this.#socket.on('error', (error) => this.#put(new Error(`video stream ${url}: ${error.message}`)));
    this.#socket.on('close', (code, reason) => this.#put(this.#ended(code, String(reason))));
    const onAbort = () => this.#put(undefined, 'first');
    if (signal?.aborted) onAbort();
    signal?.addEventListener('abort', onAbort, { once: true, signal: this.#abort.signal });
  }

  /** undefined once the signal is aborted. */
  async next(): Promise<'open' | Received | undefined> {
    while (this.#queue.length === 0) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const event = this.#queue.shift();
    if (event instanceof Error) throw event;
    return event;
  }

  send(bytes: Uint8Array): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(bytes);
  }

  [Symbol.dispose](): void {
    this.#abort.abort();
    this.#socket.close();
    // Runs only if the other side does not answer: the socket then still keeps the event loop alive.
    setTimeout(() => this.#socket.terminate(), closeTimeoutMs).unref();
  }

  #receive(data: RawData): void {
    if (!(data instanceof ArrayBuffer)) throw new TypeError('binaryType is arraybuffer, other data came');
    const message = readFrameMessage(new Uint8Array(data));
    if (typeof message === 'string') this.#put(new Error(`video stream ${this.#url}: ${message}`));
    else this.#put({ message, receivedAtMs: performance.now() });
  }

  #ended(code: number, reason: string): Error {
    return new Error(`video stream ${this.#url} ended with code ${code}${reason && `: ${reason}`}`);
  }

  #put(event: 'open' | Received | Error | undefined, place: 'first' | 'last' = 'last'): void {
    if (place === 'first') this.#queue.unshift(event);
    else this.#queue.push(event);
    this.#wake();
  }
}
