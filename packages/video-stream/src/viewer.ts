/**
 * The viewer of a page: connects, decodes, paints, acknowledges what was painted, and comes back by itself.
 * Runs on a page or in a worker with an OffscreenCanvas; a hidden page paints nothing, so that its credit
 * runs out and it costs nothing.
 */
import { type Encoding, type FrameMessage, readFrameMessage, writeAck, writeHello } from './wire.js';

export interface ViewerOptions {
  /** ws: address of the stream, token included. */
  readonly url: string;
  readonly canvas: HTMLCanvasElement | OffscreenCanvas;
  readonly encoding?: Encoding;
  /** Frames that may be under way at a time. */
  readonly credit?: number;
  /** Ends the viewer. */
  readonly signal?: AbortSignal;
}

export interface ViewerStatistics {
  readonly state: 'connecting' | 'live' | 'lost';
  /** Why the last connection ended, in words; empty while all is well. */
  readonly trouble: string;
  readonly framesPainted: number;
  /** Painted within the last second. */
  readonly fps: number;
  readonly lastSerial: number | undefined;
  /** Of the last frame, from drawn to painted, without the time on the wire. */
  readonly ageMs: number | undefined;
  readonly widthPx: number;
  readonly heightPx: number;
}

export interface Viewer {
  statistics(): ViewerStatistics;
}

const firstRetryMs = 250;
const maxRetryMs = 4_000;

interface DecodedPart {
  readonly message: FrameMessage;
  readonly image: ImageBitmap;
  readonly receivedAtMs: number;
}

export function openViewer(options: ViewerOptions): Viewer {
  const viewer = new CanvasViewer(options);
  viewer.connect();
  return viewer;
}

class CanvasViewer implements Viewer {
  readonly #options: ViewerOptions;
  readonly #context: CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;
  readonly #paintedAtMs: number[] = [];
  #state: ViewerStatistics['state'] = 'connecting';
  #trouble = '';
  #retryMs = firstRetryMs;
  #framesPainted = 0;
  #lastSerial: number | undefined;
  #ageMs: number | undefined;

  constructor(options: ViewerOptions) {
    this.#options = options;
    // A screen has no transparency, and an opaque canvas is cheaper to put on the page.
    const context = options.canvas.getContext('2d', { alpha: false }) as CanvasRenderingContext2D | null;
    if (context === null) throw new Error('no 2d context: the canvas is in use for something else');
    this.#context = context;
  }

  connect(): void {
    const { url, encoding = 'jpeg', credit = 2, signal } = this.#options;
    if (signal?.aborted) return;
    const socket = new WebSocket(url);
    socket.binaryType = 'arraybuffer';
    const ended = new AbortController();
    const painter = new Painter((parts) => this.#paint(parts, socket), ended.signal);
    const onAbort = () => socket.close(1000, 'viewer closed');
    signal?.addEventListener('abort', onAbort, { once: true, signal: ended.signal });
    socket.onopen = () => socket.send(writeHello(encoding, credit));
    socket.onmessage = ({ data }) => {
      const message = readFrameMessage(new Uint8Array(data as ArrayBuffer));
      if (typeof message === 'string') socket.close(4000, message);
      else
        painter.receive(message).catch((error: unknown) => socket.close(4000, String(error).slice(0, 100)));
    };
    socket.onclose = ({ code, reason }) => {
      ended.abort();
      this.#lose(reason || `connection closed (${code})`);
    };
  }

  statistics(): ViewerStatistics {
    const { width: widthPx, height: heightPx } = this.#options.canvas;
    this.#dropOld(performance.now());
    return {
      state: this.#state,
      trouble: this.#trouble,
      framesPainted: this.#framesPainted,
      fps: this.#paintedAtMs.length,
      lastSerial: this.#lastSerial,
      ageMs: this.#ageMs,
      widthPx,
      heightPx,
    };
  }

  #lose(trouble: string): void {
    this.#state = 'lost';
    this.#trouble = trouble;
    if (this.#options.signal?.aborted) return;
    setTimeout(() => this.connect(), this.#retryMs);
    this.#retryMs = Math.min(this.#retryMs * 2, maxRetryMs);
  }

  /** All parts of one frame; the acknowledgement says that they are on the canvas. */
  #paint(parts: readonly DecodedPart[], socket: WebSocket): void {
    for (const { message, image } of parts) {
      this.#resize(message.frameWidth, message.frameHeight);
      // Without clearing, transparent pixels would let the old picture shine through.
      this.#context.clearRect(message.x, message.y, message.width, message.height);
      this.#context.drawImage(image, message.x, message.y);
      image.close();
    }
    const last = parts.at(-1);
    if (last === undefined) return;
    const nowMs = performance.now();
    this.#state = 'live';
    this.#trouble = '';
    this.#retryMs = firstRetryMs;
    this.#framesPainted++;
    this.#lastSerial = last.message.serial;
    this.#ageMs = last.message.ageUs / 1e3 + nowMs - last.receivedAtMs;
    this.#paintedAtMs.push(nowMs);
    this.#dropOld(nowMs);
    if (socket.readyState === WebSocket.OPEN) socket.send(writeAck(last.message.serial));
  }

  #resize(width: number, height: number): void {
    const { canvas } = this.#options;
    if (canvas.width === width && canvas.height === height) return;
    canvas.width = width;
    canvas.height = height;
  }

  #dropOld(nowMs: number): void {
    while (this.#paintedAtMs[0] !== undefined && this.#paintedAtMs[0] <= nowMs - 1_000)
      this.#paintedAtMs.shift();
  }
}

/** Decodes off the main thread, several at once; paints whole frames in order, on animation frames. */
class Painter {
  readonly #paint: (parts: readonly DecodedPart[]) => void;
  readonly #signal: AbortSignal;
  readonly #complete: DecodedPart[][] = [];
  #parts: DecodedPart[] = [];
  #lastDecode: Promise<void> = Promise.resolve();

  constructor(paint: (parts: readonly DecodedPart[]) => void, signal: AbortSignal) {
    this.#paint = paint;
    this.#signal = signal;
  }

  receive(message: FrameMessage): Promise<void> {
    const receivedAtMs = performance.now();
    const decoded = decode(message);
    this.#lastDecode = Promise.all([decoded, this.#lastDecode]).then(([image]) => {
      this.#parts.push({ message, image, receivedAtMs });
      if (message.partsFollowing === 0) this.#queue();
    });
    return this.#lastDecode;
  }

  #queue(): void {
    this.#complete.push(this.#parts);
    this.#parts = [];
    if (this.#complete.length === 1) requestAnimationFrame(() => this.#paintAll());
  }

  #paintAll(): void {
    for (const parts of this.#complete.splice(0)) {
      if (!this.#signal.aborted) this.#paint(parts);
    }
  }
}

function decode(message: FrameMessage): Promise<ImageBitmap> {
  const type = message.encoding === 'jpeg' ? 'image/jpeg' : 'image/png';
  const image = new Blob([message.payload], { type });
  return createImageBitmap(image, { colorSpaceConversion: 'none', premultiplyAlpha: 'none' });
}
