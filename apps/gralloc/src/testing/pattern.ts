// What a buffer holds in tests of overlap: words that follow from its entry, its generation and their own place, written
// by who allocated it. Whoever holds it can tell whether another buffer's bytes, or nobody's, have got into it.
import { pageBytes } from '@vsoc/vsoc/layout';
import type { BufferReference } from '../protocol.js';

const pageWords = pageBytes / 4;
/** Of larger buffers the first and the last word of each page are enough: areas are whole pages. */
const wholeLimitWords = 2 * pageWords;

const wordsOf = ({ buffer, byteOffset, byteLength }: Uint8Array) =>
  new Uint32Array(buffer, byteOffset, byteLength / 4);

/** Never 0, which is what a fresh buffer holds. */
export function patternWord({ entry, generation }: BufferReference, index: number): number {
  const mixed =
    Math.imul(entry + 1, 0x85eb_ca6b) ^
    Math.imul(generation, 0x9e37_79b1) ^
    Math.imul(index + 1, 0xc2b2_ae35);
  return ((mixed ^ (mixed >>> 15)) | 1) >>> 0;
}

/** The next place behind `index` where a pattern has a word. */
function nextIndex(index: number, wordCount: number): number {
  const isEnd = index % pageWords === pageWords - 1;
  return wordCount <= wholeLimitWords || isEnd ? index + 1 : index + pageWords - 1;
}

/** Throws when `bytes` are not all zero, as those of a fresh buffer are. */
export function stampFresh(bytes: Uint8Array, reference: BufferReference): void {
  const words = wordsOf(bytes);
  const index = words.findIndex((word) => word !== 0);
  if (index >= 0) throw new Error(`fresh, but ${placeOf(index)} holds ${hex(words[index] ?? 0)}`);
  for (let at = 0; at < words.length; at = nextIndex(at, words.length))
    words[at] = patternWord(reference, at);
}

/** A place that does not hold the buffer's own word. */
export interface Foreign {
  readonly seen: number;
  readonly text: string;
}

export function findForeign(bytes: Uint8Array, reference: BufferReference): Foreign | undefined {
  const words = wordsOf(bytes);
  for (let index = 0; index < words.length; index = nextIndex(index, words.length)) {
    const seen = words[index] ?? 0;
    const expected = patternWord(reference, index);
    if (seen !== expected)
      return { seen, text: `${placeOf(index)} holds ${hex(seen)}, not ${hex(expected)}` };
  }
  return undefined;
}

const hex = (value: number) => `0x${value.toString(16)}`;
const placeOf = (index: number) => `word ${index % pageWords} of page ${Math.floor(index / pageWords)}`;
