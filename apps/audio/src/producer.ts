// The end of a stream that hands sound over: playback on the guest's side, the microphone on the host's. It keeps the
// clock's pace whether anybody reads or not: a period that finds the ring full is dropped and counted. Where somebody
// else wrote to what only this end writes, it begins a new stream, which both ends agree on again.
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { VsocError } from '@vsoc/vsoc';
import type { TailPlace } from '@vsoc/vsoc/layout';
import { openByteRingProducer, readRecord, writeRecord } from '@vsoc/vsoc/rings';
import { frameBytes, problemOf, type StreamFormat } from './format.js';
import { sampleBytes, streamRecord } from './layout.js';
import { openPacing } from './pacing.js';
import type { StreamRegion } from './region.js';

export interface Producer {
  readonly format: StreamFormat;
  /** Tells the present stream from those before it. */
  readonly generation: number;
  /** Sleeps until the clock wants the next period. Rejects with the signal's reason. */
  untilDue(options: { signal: AbortSignal }): Promise<void>;
  /** Hands over one period, whole or, when there is no room, not at all. A shorter one can only be the last. */
  write(samples: Int16Array): 'written' | 'dropped';
  /** The stream ends behind what was written; nothing can be written any more. */
  close(): void;
  readonly counters: Readonly<ProducerCounters>;
}

export interface ProducerCounters {
  writtenFrames: number;
  droppedFrames: number;
  /** How often this process was so late that it gave up catching up with the clock. */
  slips: number;
  /** Streams begun anew because somebody else wrote to them, and cursors that no consumer of ours can have written. */
  violations: number;
}

/** Begins a new stream; throws EINVAL for a format that cannot be. */
export function openProducer(region: StreamRegion, place: TailPlace, format: StreamFormat): Producer {
  const problem = problemOf(format);
  if (problem !== undefined) throw new VsocError('EINVAL', 'openStream', problem);
  const counters = { writtenFrames: 0, droppedFrames: 0, violations: 0 };
  let stream = beginStream(region, place, format);
  let isClosed = false;
  const { sampleRateHz, channels } = format;
  const ringNs = (stream.ring.capacityBytes / frameBytes(format) / sampleRateHz) * 1e9;
  const startNs = process.hrtime.bigint();
  const pacing = openPacing({ sampleRateHz, startNs, mostLateNs: BigInt(Math.ceil(ringNs / 2)) });

  return {
    format,
    get generation() {
      return stream.generation;
    },
    async untilDue({ signal }) {
      const nowNs = process.hrtime.bigint();
      const leftMs = Number(pacing.dueNs(nowNs) - nowNs) / 1e6;
      // One that is late still leaves the event loop its turns.
      if (leftMs > 0) await sleep(Math.ceil(leftMs), undefined, { signal });
      else await nextTurn(undefined, { signal });
    },
    write(samples) {
      if (isClosed) throw new VsocError('EBADF', 'write', 'the stream was closed');
      checkPeriod(samples, format);
      if (!stream.isIntact()) {
        counters.violations += 1 + stream.ring.counters.violations;
        stream = beginStream(region, place, format);
      }
      const frames = samples.length / channels;
      pacing.pass(frames);
      if (stream.ring.freeBytes() < samples.byteLength) {
        counters.droppedFrames += frames;
        stream.drop(frames);
        return 'dropped';
      }
      stream.ring.write(new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength));
      counters.writtenFrames += frames;
      return 'written';
    },
    close() {
      if (!isClosed) stream.end();
      isClosed = true;
    },
    get counters() {
      const violations = counters.violations + stream.ring.counters.violations;
      return { ...counters, violations, slips: pacing.slips };
    },
  };
}

/** A new generation of the ring, and the record of it, which is there before the first byte. */
function beginStream(region: StreamRegion, place: TailPlace, format: StreamFormat) {
  const { sequence, stream: record, ring: words } = region.data;
  const ring = openByteRingProducer(region, { words, place, granuleBytes: sampleBytes });
  const { sampleRateHz, channels, periodFrames } = format;
  const generation = words.generation.load();
  let described = { generation, sampleRateHz, channels, periodFrames, droppedFrames: 0, isOpen: 1 };

  function describe(): void {
    // SYNC POINT audio-stream (release side). Pairs with consumer.ts take.
    writeRecord(sequence, () => Object.assign(record, described));
    region.signalPeer(sequence);
  }

  const isOurs = () => words.generation.load() === generation;
  describe();
  return {
    ring,
    generation,
    /** What only the producer writes still says what it wrote. */
    isIntact(): boolean {
      const seen = readRecord(sequence, () => streamRecord.snapshot(record))?.value;
      if (seen === undefined || !isOurs()) return false;
      return (Object.keys(described) as (keyof typeof described)[]).every(
        (name) => seen[name] === described[name],
      );
    },
    drop(frames: number): void {
      described = { ...described, droppedFrames: (described.droppedFrames + frames) >>> 0 };
      describe();
    },
    /** The record is another producer's where one came meanwhile. */
    end(): void {
      described = { ...described, isOpen: 0 };
      if (isOurs()) describe();
    },
  };
}

function checkPeriod({ length }: Int16Array, { channels, periodFrames }: StreamFormat): void {
  if (length > 0 && length <= periodFrames * channels && length % channels === 0) return;
  const expected = `1 to ${periodFrames} frames of ${channels} samples`;
  throw new VsocError('EINVAL', 'write', `expected ${expected}, saw ${length} samples`);
}
