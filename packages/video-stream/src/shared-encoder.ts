/**
 * Encodes each rectangle of the newest picture once, for however many viewers want it, and only a few at a
 * time: whoever finds no free slot comes back later and then takes what is newest by that time.
 */

import { createEncoder } from './encoders.js';
import type { VideoFrame } from './frame.js';
import { areaOf, contains, type Rect } from './rects.js';
import { Samples } from './samples.js';
import type { Encoding } from './wire.js';

export interface EncodedRect {
  readonly rect: Rect;
  readonly bytes: Promise<Uint8Array>;
}

/** A larger encoding that is there already is sent instead, up to this many times the wanted area. */
const acceptedExcess = 1.5;

export class SharedEncoder {
  readonly #encode = createEncoder();
  readonly #slots: number;
  readonly #whenSlotFree: () => void;
  readonly #running = new Set<Promise<unknown>>();
  #ofThisPicture: { encoding: Encoding; encoded: EncodedRect }[] = [];
  readonly milliseconds = new Samples();
  encodings = 0;
  encodedBytes = 0;

  constructor(slots: number, whenSlotFree: () => void) {
    this.#slots = slots;
    this.#whenSlotFree = whenSlotFree;
  }

  /** What was encoded so far no longer shows the newest picture. */
  pictureChanged(): void {
    this.#ofThisPicture = [];
  }

  /** All of `rects`, or undefined when that needs encoding and no slot is free. */
  tryEncode(frame: VideoFrame, rects: readonly Rect[], encoding: Encoding): EncodedRect[] | undefined {
    const known = rects.map((rect) => this.#find(rect, encoding));
    if (known.includes(undefined) && this.#running.size >= this.#slots) return undefined;
    const encoded = rects.map((rect) => this.#find(rect, encoding) ?? this.#start(frame, rect, encoding));
    return [...new Set(encoded)];
  }

  async settled(): Promise<void> {
    await Promise.allSettled(this.#running);
  }

  #find(wanted: Rect, encoding: Encoding): EncodedRect | undefined {
    const limitPx = areaOf(wanted) * acceptedExcess;
    return this.#ofThisPicture.find(
      (have) =>
        have.encoding === encoding &&
        contains(have.encoded.rect, wanted) &&
        areaOf(have.encoded.rect) <= limitPx,
    )?.encoded;
  }

  #start(frame: VideoFrame, rect: Rect, encoding: Encoding): EncodedRect {
    const startedAtMs = performance.now();
    const bytes = this.#encode(frame, rect, encoding);
    const encoded = { rect, bytes };
    this.#ofThisPicture.push({ encoding, encoded });
    const counted = bytes
      .then((result) => {
        this.encodings++;
        this.encodedBytes += result.byteLength;
        this.milliseconds.add(performance.now() - startedAtMs);
      })
      .catch(() => this.#forget(encoded)) // whoever awaits `bytes` deals with the error
      .finally(() => {
        this.#running.delete(counted);
        this.#whenSlotFree();
      });
    this.#running.add(counted);
    return encoded;
  }

  #forget(encoded: EncodedRect): void {
    this.#ofThisPicture = this.#ofThisPicture.filter((have) => have.encoded !== encoded);
  }
}
