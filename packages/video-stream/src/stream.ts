/**
 * Frames in, viewers out. The newest frame is the only one kept; each viewer takes from it what it has not
 * seen, when it has credit and an encoder is free. So a slow viewer costs its own frames and nobody else's.
 */
import type { WebSocket } from 'ws';
import { AttachedViewer, type ViewerEvents } from './attached-viewer.js';
import { checkFrame, type VideoFrame } from './frame.js';
import type { Rect } from './rects.js';
import { Samples } from './samples.js';
import { SharedEncoder } from './shared-encoder.js';
import { closeCode } from './wire.js';

export interface VideoStreamOptions {
  /** Encodings in flight at a time, over all viewers. */
  readonly encoderSlots?: number;
  readonly maxViewers?: number;
}

type Quantiles = ReturnType<Samples['summary']>;

export interface VideoStreamStatistics {
  readonly viewers: number;
  readonly lastSerial: number | null;
  readonly framesPushed: number;
  /** Pushed without damage: neither encoded nor sent. */
  readonly framesUnchanged: number;
  /** Sums over all viewers: frames taken by a viewer, encoded images, bytes on the wire. */
  readonly framesSent: number;
  readonly encodings: number;
  readonly encodedBytes: number;
  readonly sentBytes: number;
  readonly encodeMs: Quantiles;
  /** From the pixels drawn to the viewer's acknowledgement back here, all on this host's clock. */
  readonly drawnToAcknowledgedMs: Quantiles;
}

export interface VideoStream extends AsyncDisposable {
  /** Throws on a frame that cannot be one. Never waits: a frame that nobody can take yet is superseded. */
  push(frame: VideoFrame): void;
  /** Takes over a connected websocket of the `ws` package. */
  attach(socket: WebSocket): void;
  statistics(): VideoStreamStatistics;
}

export function createVideoStream(options: VideoStreamOptions = {}): VideoStream {
  return new FrameFanOut(options);
}

class FrameFanOut implements VideoStream {
  readonly #maxViewers: number;
  readonly #encoder: SharedEncoder;
  readonly #viewers = new Set<AttachedViewer>();
  readonly #latencyMs = new Samples();
  #newest: VideoFrame | undefined;
  #isClosed = false;
  #framesPushed = 0;
  #framesUnchanged = 0;
  #framesSent = 0;
  #sentBytes = 0;

  constructor({ encoderSlots = 2, maxViewers = 16 }: VideoStreamOptions) {
    this.#maxViewers = maxViewers;
    this.#encoder = new SharedEncoder(encoderSlots, () => this.#serve());
  }

  push(frame: VideoFrame): void {
    if (this.#isClosed) throw new Error(`frame ${frame.serial} pushed into a stream that is closed`);
    checkFrame(frame);
    const damage = damageSince(this.#newest, frame);
    this.#newest = frame;
    this.#framesPushed++;
    if (damage !== 'whole' && damage.length === 0) {
      this.#framesUnchanged++;
      return;
    }
    this.#encoder.pictureChanged();
    for (const viewer of this.#viewers) viewer.addDamage(damage);
    this.#serve();
  }

  attach(socket: WebSocket): void {
    socket.on('error', () => {}); // also while it is being refused, an error must not end the process
    if (this.#isClosed) {
      socket.close(closeCode.streamEnded, 'the stream has ended');
    } else if (this.#viewers.size >= this.#maxViewers) {
      socket.close(closeCode.tooManyViewers, `at most ${this.#maxViewers} viewers at a time`);
    } else {
      this.#viewers.add(new AttachedViewer(socket, this.#events));
    }
  }

  statistics(): VideoStreamStatistics {
    return {
      viewers: this.#viewers.size,
      lastSerial: this.#newest?.serial ?? null,
      framesPushed: this.#framesPushed,
      framesUnchanged: this.#framesUnchanged,
      framesSent: this.#framesSent,
      encodings: this.#encoder.encodings,
      encodedBytes: this.#encoder.encodedBytes,
      sentBytes: this.#sentBytes,
      encodeMs: this.#encoder.milliseconds.summary(),
      drawnToAcknowledgedMs: this.#latencyMs.summary(),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    for (const viewer of [...this.#viewers]) viewer.end(closeCode.streamEnded, 'the stream has ended');
    await this.#encoder.settled();
    this.#newest = undefined;
  }

  readonly #events: ViewerEvents = {
    ready: () => this.#serve(),
    sent: (byteCount) => {
      this.#sentBytes += byteCount;
    },
    acknowledged: (latencyMs) => this.#latencyMs.add(latencyMs),
    gone: (viewer) => this.#viewers.delete(viewer),
  };

  #serve(): void {
    const frame = this.#newest;
    if (frame === undefined || this.#isClosed) return;
    for (const viewer of [...this.#viewers]) {
      const rects = viewer.wants(frame);
      if (rects.length === 0 || viewer.encoding === undefined) continue;
      const encoded = this.#encoder.tryEncode(frame, rects, viewer.encoding);
      if (encoded === undefined) continue; // no free slot: the encoder calls again
      viewer.take(frame, encoded);
      this.#framesSent++;
      // Whoever was served goes to the end of the line, so that free slots go round.
      this.#viewers.delete(viewer);
      this.#viewers.add(viewer);
    }
  }
}

/** Damage tells the difference to one frame only: the one before, of the same size. */
function damageSince(previous: VideoFrame | undefined, frame: VideoFrame): 'whole' | readonly Rect[] {
  const isNext = previous !== undefined && frame.serial === (previous.serial + 1) >>> 0;
  const hasSameSize = previous?.widthPx === frame.widthPx && previous.heightPx === frame.heightPx;
  return isNext && hasSameSize ? frame.damage : 'whole';
}
