/**
 * The end of a stream that hears: the host's of what the guest plays, the guest's of what it records. Everything in the
 * window was written by the other side: the record is copied, checked and then used, samples are copied out once.
 *
 * Whoever has lost anything goes on at the newest period: where this end attached, where the producer dropped, and where
 * a new stream began, of which nothing is older than its first one.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Values } from '@vsoc/struct';
import type { TailPlace } from '@vsoc/vsoc/layout';
import { openByteRingConsumer, readRecord } from '@vsoc/vsoc/rings';
import { frameBytes, isSameFormat, problemOf, type StreamFormat } from './format.js';
import { sampleBytes, streamRecord } from './layout.js';
import type { StreamRegion } from './region.js';
import { openTimeline, type Taken, type Timeline } from './timeline.js';

/** A period that was heard: a private copy that nobody changes any more. */
export interface Period extends Taken {
  /** Of the stream: another one than before means that a new one began, at position 0. */
  readonly generation: number;
  readonly format: StreamFormat;
  /** Interleaved. */
  readonly samples: Int16Array;
  /** The stream ended here, and this may be shorter than a period, or empty. */
  readonly isLast: boolean;
}

export interface Consumer {
  /** Every period from now on, of this stream and those that follow. To be read by one reader at a time. */
  periods(options: { signal: AbortSignal }): AsyncIterable<Period>;
  readonly counters: Readonly<ConsumerCounters>;
}

export interface ConsumerCounters {
  /** Streams of which something was heard. */
  streams: number;
  lostFrames: number;
  /** Records and cursors that no producer of ours can have written. */
  violations: number;
}

interface Stream {
  readonly generation: number;
  readonly format: StreamFormat;
  readonly timeline: Timeline;
}

type StreamRecord = Values<typeof streamRecord>;

interface SeenRecord {
  readonly sequence: number;
  readonly value: StreamRecord;
}

interface ReadOptions {
  readonly byteCount: number;
  readonly isLast: boolean;
}

/** A number: so many bytes must be readable for the next look to see more. */
type Outcome = Period | number | 'no stream' | 'look again';

/** So many in a row, and the event loop gets a turn: a producer that never rests shall not have it all. */
const periodsPerTurn = 16;
/**
 * A sleeper looks for itself so often: the end of a stream does not wake who waits for its next period, and what was
 * scribbled over and put right again wakes nobody.
 */
const lookAgainNs = 250_000_000n;

/** One consumer a ring: a second one would move the read cursor under the first. */
export function openConsumer(region: StreamRegion, place: TailPlace): Consumer {
  const { sequence, stream: liveRecord, ring: words } = region.data;
  const readStream = () => readRecord(sequence, () => streamRecord.snapshot(liveRecord));
  // Before the ring is: what it says was dropped lies before the cursor at which this end begins.
  const atOpen = readStream()?.value;
  const ring = openByteRingConsumer(region, { words, place, granuleBytes: sampleBytes, attach: 'newest' });
  const own = { streams: 0, lostFrames: 0, violations: 0 };
  let stream: Stream | undefined;
  /** The generation whose end was given out, or was there before this consumer. */
  let ended = atOpen?.isOpen === 0 ? atOpen.generation : undefined;
  /** The sequence of a record that was refused: it counts once. */
  let refused: number | undefined;

  function take(): Outcome {
    const readyBytes = ring.readableBytes();
    // SYNC POINT audio-stream (acquire side). Pairs with producer.ts describe. Behind the cursor: what was dropped
    // before these bytes were written is in this record.
    const record = readStream();
    if (record === undefined) return 'no stream';
    if (record.value.generation !== ring.generation) {
      ring.readableBytes(); // looks again: the record may be that of a producer that came just now
      return record.value.generation === ring.generation ? 'look again' : 'no stream';
    }
    const heard = streamOf(record);
    return heard ? takeOf(heard, record.value, readyBytes) : 'no stream';
  }

  function takeOf(heard: Stream, record: StreamRecord, readyBytes: number): Outcome {
    const { format, timeline } = heard;
    if (timeline.hasDropped(record.droppedFrames)) {
      // Where among the unread bytes the gap is, nobody knows: behind all of them it is before the next one.
      timeline.lose(framesOf(ring.discardTo(0), format), record.droppedFrames);
      return 'look again';
    }
    const periodBytes = format.periodFrames * frameBytes(format);
    if (readyBytes >= periodBytes) return read(heard, { byteCount: periodBytes, isLast: false });
    // A producer publishes whole periods: any byte more is worth a look.
    if (record.isOpen !== 0) return readyBytes + sampleBytes;
    // The last bytes can have come between the look at the cursor and the look at the record.
    if (ring.readableBytes() !== readyBytes || ring.generation !== heard.generation) return 'look again';
    ended = heard.generation;
    return read(heard, { byteCount: readyBytes - (readyBytes % frameBytes(format)), isLast: true });
  }

  /** The stream of this record; undefined when it is not to be heard. */
  function streamOf({ sequence: seen, value: record }: SeenRecord): Stream | undefined {
    const { generation, sampleRateHz, channels, periodFrames, isOpen } = record;
    if (isOpen === 0 && generation === ended) return undefined;
    const known = generation === stream?.generation ? stream : undefined;
    if (problemOf(record) !== undefined || (known && !isSameFormat(known.format, record))) {
      if (seen !== refused) own.violations++;
      refused = seen;
      return undefined;
    }
    if (known) return known;
    own.streams++;
    const format = { sampleRateHz, channels, periodFrames };
    const passedBytes = (words.readCursor.load() - words.startCursor.load()) >>> 0;
    const droppedFrames = generation === atOpen?.generation ? atOpen.droppedFrames : 0;
    stream = { generation, format, timeline: openTimeline(framesOf(passedBytes, format), droppedFrames) };
    return stream;
  }

  function read({ generation, format, timeline }: Stream, { byteCount, isLast }: ReadOptions): Period {
    const bytes = new Uint8Array(byteCount);
    ring.read(bytes);
    const samples = new Int16Array(bytes.buffer);
    const taken = timeline.take(samples.length / format.channels);
    own.lostFrames += taken.gapFrames;
    return { generation, format, ...taken, samples, isLast };
  }

  async function* periods({ signal }: { signal: AbortSignal }): AsyncGenerator<Period> {
    for (let turn = 1; ; turn++) {
      signal.throwIfAborted();
      if (turn % periodsPerTurn === 0) await nextTurn();
      const seen = sequence.load();
      const outcome = take();
      const deadlineNs = process.hrtime.bigint() + lookAgainNs;
      if (outcome === 'no stream') await region.waitWhile(sequence, seen, { deadlineNs, signal });
      else if (typeof outcome === 'number')
        await ring.untilReadable({ byteCount: outcome, deadlineNs, signal });
      else if (outcome !== 'look again') yield outcome;
    }
  }

  return {
    periods,
    get counters() {
      return { ...own, violations: own.violations + ring.counters.violations };
    },
  };
}

function framesOf(bytes: number, format: StreamFormat): number {
  return Math.floor(bytes / frameBytes(format));
}
