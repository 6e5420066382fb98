// What a stream's numbers may be: asked before a stream is opened, and again of every record that the other side wrote.
import { ringLog2Bytes, sampleBytes } from './layout.js';

export interface StreamFormat {
  readonly sampleRateHz: number;
  /** Samples in a frame. */
  readonly channels: number;
  /** How many frames are handed over at once. */
  readonly periodFrames: number;
}

const lowestRateHz = 4000;
const highestRateHz = 192_000;
const mostChannels = 8;
/** While one half of the ring is read the other can be written. */
const longestPeriodBytes = 2 ** ringLog2Bytes / 2;

export function frameBytes({ channels }: Pick<StreamFormat, 'channels'>): number {
  return channels * sampleBytes;
}

/** What is wrong with it, for people; undefined when it is possible. */
export function problemOf(format: StreamFormat): string | undefined {
  const { sampleRateHz, channels, periodFrames } = format;
  const longestFrames = Math.floor(longestPeriodBytes / frameBytes(format));
  return (
    outside('a sample rate in Hz', sampleRateHz, lowestRateHz, highestRateHz) ??
    outside('a number of channels', channels, 1, mostChannels) ??
    outside('a period in frames', periodFrames, 1, longestFrames)
  );
}

export function isSameFormat(one: StreamFormat, other: StreamFormat): boolean {
  return (
    one.sampleRateHz === other.sampleRateHz &&
    one.channels === other.channels &&
    one.periodFrames === other.periodFrames
  );
}

function outside(what: string, value: number, least: number, most: number): string | undefined {
  if (Number.isInteger(value) && value >= least && value <= most) return undefined;
  return `expected ${what} from ${least} to ${most}, saw ${value}`;
}
