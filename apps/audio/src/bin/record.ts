// Hears streams, says in lines what came, and writes a WAV of it.
import type { Consumer, Period } from '../consumer.js';
import { isSameFormat, type StreamFormat } from '../format.js';
import { writeWav } from '../wav.js';

const say = (line: string) => process.stdout.write(`${line}\n`);

export interface HearingOptions {
  readonly signal: AbortSignal;
}

/** Hears all streams, one after the other, until the signal. */
export async function listen(consumer: Consumer, options: HearingOptions): Promise<void> {
  for await (const _period of spoken(consumer, options));
}

export interface RecordingOptions extends HearingOptions {
  readonly file: string;
  readonly seconds: number;
}

/** Records until a stream ends; gaps are said, not filled. What was heard is written whatever ends it. */
export async function record(consumer: Consumer, options: RecordingOptions): Promise<void> {
  const { file, seconds } = options;
  const chunks: Int16Array[] = [];
  let format: StreamFormat | undefined;
  let frames = 0;
  try {
    for await (const period of spoken(consumer, options)) {
      format ??= period.format;
      if (!isSameFormat(format, period.format)) throw new Error('a stream of another format: not recorded');
      chunks.push(period.samples);
      frames += period.samples.length / format.channels;
      if (period.isLast || frames >= seconds * format.sampleRateHz) break;
    }
  } finally {
    if (format) await writeWav(file, { ...format, samples: joined(chunks) });
    say(`recorded ${frames} frames`);
  }
}

/** The same periods, with a line for each stream, gap, second of sound and end. */
async function* spoken(consumer: Consumer, options: HearingOptions): AsyncGenerator<Period> {
  let generation: number | undefined;
  let second = 0;
  let peak = 0;
  for await (const period of consumer.periods(options)) {
    const { format, positionFrames, gapFrames, samples, isLast } = period;
    const { sampleRateHz, channels, periodFrames } = format;
    if (period.generation !== generation) {
      generation = period.generation;
      second = Math.floor(positionFrames / sampleRateHz);
      say(
        `stream ${generation}: ${sampleRateHz} Hz, channels ${channels}, periods of ${periodFrames} frames`,
      );
    }
    if (gapFrames > 0) say(`gap of ${gapFrames} frames before frame ${positionFrames}`);
    for (const sample of samples) peak = Math.max(peak, Math.abs(sample));
    const end = positionFrames + samples.length / channels;
    if (Math.floor(end / sampleRateHz) !== second) {
      second = Math.floor(end / sampleRateHz);
      say(`heard ${second} s, peak ${peak}`);
      peak = 0;
    }
    if (isLast) say(`stream ${generation} ended at frame ${end}`);
    yield period;
  }
}

function joined(chunks: readonly Int16Array[]): Int16Array {
  const whole = new Int16Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
