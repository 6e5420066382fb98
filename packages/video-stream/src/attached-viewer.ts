/**
 * The server's end of one viewer: what it asked for, what it has not acknowledged, what it has not seen.
 * It never holds a frame back for later: damage is remembered, pixels are taken from the newest frame.
 */
import type { RawData, WebSocket } from 'ws';
import { type VideoFrame, wholeFrame } from './frame.js';
import { coalesce, type Rect, snap } from './rects.js';
import type { EncodedRect } from './shared-encoder.js';
import { closeCode, type Encoding, readViewerMessage, type ViewerMessage, writeFrameHeader } from './wire.js';

const helloTimeoutMs = 5_000;
/** RFC 6455 leaves 123 bytes for the reason; all of ours are ASCII. */
const maxReasonBytes = 123;

/** Bounds what a viewer that acknowledges without reading can make us hold; an honest one rarely gets there. */
const maxUnsentBytes = 8 * 1024 * 1024;

const textMessage = {
  kind: 'malformed',
  code: closeCode.notBinary,
  reason: 'malformed message: text, only binary is understood',
} as const;

interface Outstanding {
  readonly frame: VideoFrame;
  /** False for the picture that a viewer starts with: its age says nothing about latency. */
  readonly isTimed: boolean;
}

export interface ViewerEvents {
  /** The viewer may want something now: it has said what, credit came back, bytes went out. */
  ready(): void;
  sent(byteCount: number): void;
  acknowledged(latencyMs: number): void;
  gone(viewer: AttachedViewer): void;
}

export class AttachedViewer {
  readonly #socket: WebSocket;
  readonly #events: ViewerEvents;
  readonly #outstanding: Outstanding[] = [];
  readonly #helloTimer: NodeJS.Timeout;
  #wanted: { encoding: Encoding; credit: number } | undefined;
  /** 'whole' when what it has seen is unknown; a list, coalesced, otherwise. */
  #unseen: 'whole' | readonly Rect[] = 'whole';
  #framesTaken = 0;
  #lastSend: Promise<void> = Promise.resolve();
  #isGone = false;

  constructor(socket: WebSocket, events: ViewerEvents) {
    this.#socket = socket;
    this.#events = events;
    const tooLate = `no hello within ${helloTimeoutMs} ms`;
    this.#helloTimer = setTimeout(() => this.end(closeCode.violation, tooLate), helloTimeoutMs).unref();
    socket.on('message', (data, isBinary) => this.#receive(data, isBinary));
    socket.on('error', () => this.#leave());
    socket.on('close', () => this.#leave());
  }

  get encoding(): Encoding | undefined {
    return this.#wanted?.encoding;
  }

  get unacknowledged(): number {
    return this.#outstanding.length;
  }

  addDamage(damage: 'whole' | readonly Rect[]): void {
    if (this.#unseen === 'whole') return;
    this.#unseen = damage === 'whole' ? 'whole' : coalesce([...this.#unseen, ...damage]);
  }

  /** What it would take of the newest frame now: nothing without credit, or when it has seen all. */
  wants(frame: VideoFrame): Rect[] {
    if (this.#isGone || this.#wanted === undefined) return [];
    if (this.#outstanding.length >= this.#wanted.credit) return [];
    if (this.#socket.bufferedAmount > maxUnsentBytes) return [];
    if (this.#unseen === 'whole') return [wholeFrame(frame)];
    const inside = this.#unseen.map((rect) => snap(rect, frame.widthPx, frame.heightPx));
    return coalesce(inside.filter((rect) => rect !== undefined));
  }

  /** Uses one credit. Encoders may finish out of order; sending waits for the frame before. */
  take(frame: VideoFrame, parts: readonly EncodedRect[]): void {
    this.#unseen = [];
    this.#outstanding.push({ frame, isTimed: this.#framesTaken > 0 });
    this.#framesTaken++;
    const { encoding } = this;
    if (encoding === undefined) throw new Error('take() needs a viewer that has said hello');
    this.#lastSend = this.#lastSend
      .then(async () => this.#send(frame, parts, encoding))
      .catch((error: unknown) => this.end(closeCode.failed, `a frame could not be sent: ${String(error)}`));
  }

  /** Closes with a code and reason; what it still sends is not looked at. */
  end(code: number, reason: string): void {
    if (this.#isGone) return;
    this.#socket.close(code, reason.replace(/[^ -~]/g, '?').slice(0, maxReasonBytes));
    this.#leave();
  }

  async #send(frame: VideoFrame, parts: readonly EncodedRect[], encoding: Encoding): Promise<void> {
    const payloads = await Promise.all(parts.map((part) => part.bytes));
    for (const [index, payload] of payloads.entries()) {
      if (this.#isGone) return;
      const header = writeFrameHeader({
        ...(parts[index] as EncodedRect).rect,
        encoding,
        partsFollowing: parts.length - 1 - index,
        serial: frame.serial,
        frameWidth: frame.widthPx,
        frameHeight: frame.heightPx,
        ageUs: Number(process.hrtime.bigint() - frame.drawnAtNs) / 1e3,
        payloadBytes: payload.byteLength,
      });
      // Two fragments of one message: the encoded bytes are shared by all viewers, never copied for one.
      this.#socket.send(header, { binary: true, fin: false }, this.#afterSend);
      this.#socket.send(payload, { binary: true, fin: true }, this.#afterSend);
      this.#events.sent(header.byteLength + payload.byteLength);
    }
  }

  readonly #afterSend = (error?: Error | null): void => {
    if (this.#isGone) return;
    if (error) {
      this.#socket.terminate();
      this.#leave();
    } else {
      this.#events.ready();
    }
  };

  #receive(data: RawData, isBinary: boolean): void {
    if (this.#isGone) return;
    const message = isBinary ? readViewerMessage(flatten(data)) : textMessage;
    if (message.kind === 'malformed') this.end(message.code, message.reason);
    else if (message.kind === 'hello') this.#hello(message);
    else this.#acknowledge(message.serial);
  }

  #hello({ encoding, credit }: ViewerMessage & { kind: 'hello' }): void {
    if (this.#wanted === undefined) {
      clearTimeout(this.#helloTimer);
      this.#wanted = { encoding, credit };
      this.#events.ready();
    } else {
      this.end(closeCode.violation, 'a second hello');
    }
  }

  #acknowledge(serial: number): void {
    const oldest = this.#outstanding[0];
    if (oldest?.frame.serial === serial) {
      this.#outstanding.shift();
      const latencyNs = process.hrtime.bigint() - oldest.frame.drawnAtNs;
      if (oldest.isTimed) this.#events.acknowledged(Number(latencyNs) / 1e6);
      this.#events.ready();
    } else {
      const expected = oldest === undefined ? 'none is outstanding' : `expected ${oldest.frame.serial}`;
      this.end(closeCode.violation, `ack of serial ${serial}, ${expected}`);
    }
  }

  #leave(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    clearTimeout(this.#helloTimer);
    this.#outstanding.length = 0;
    this.#events.gone(this);
  }
}

/** ws hands over fragments only when told to; its type still names all three forms. */
function flatten(data: RawData): Uint8Array {
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  return Array.isArray(data) ? Buffer.concat(data) : data;
}
