// Numbers of buffers as people read them, the same in the table and in the picture.
import { formatName, isPixelFormat, pixelFormat } from '../formats.js';
import { usage } from '../usage.js';

export const formatText = (format: number): string =>
  isPixelFormat(format) ? formatName(format) : `format ${format}`;

/** '1280×720'; of a BLOB its bytes. */
export function sidesText(buffer: {
  readonly format: string;
  readonly widthPx: number;
  readonly heightPx: number;
}): string {
  const { format, widthPx, heightPx } = buffer;
  return format === formatName(pixelFormat.blob) ? bytesText(widthPx) : `${widthPx}×${heightPx}`;
}

/** 'cpu read, host read'; bits that have no name here stay a number. */
export function usageWords(bits: number): string {
  const named = [
    ['cpu read', usage.cpuRead],
    ['cpu write', usage.cpuWrite],
    ['host read', usage.hostRead],
    ['host write', usage.hostWrite],
  ] as const;
  const words: string[] = named.filter(([, mask]) => (bits & mask) !== 0).map(([word]) => word);
  const nameless = named.reduce((left, [, mask]) => left & ~mask, bits) >>> 0;
  if (nameless !== 0) words.push(`0x${nameless.toString(16)}`);
  return words.join(', ') || 'none';
}

/** In the largest unit that leaves a number of at least 1, with one decimal where it is not whole. */
export function bytesText(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB'];
  let unit = 0;
  let value = bytes;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${Number.isInteger(value) ? value : value.toFixed(1)} ${units[unit]}`;
}

export function durationText(ns: bigint): string {
  const ms = Number(ns / 1_000_000n);
  if (ms < 1000) return `${ms} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const minutes = Math.floor(ms / 60_000);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

export const percentText = (share: number): string => `${Math.round(share * 100)} %`;

export const countText = (count: number, one: string, many = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`;
