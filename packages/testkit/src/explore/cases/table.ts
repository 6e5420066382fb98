// One direction of a region as small as it gets: interrupt word, slots, and the words that are signalled.
import { regionOffset } from '@vsoc/vsoc/layout';
import { type SignalTable, signalTable } from '@vsoc/vsoc/signalling';
import type { Space } from '../space.js';
import { sharedWords } from '../words.js';

export interface SmallTable {
  readonly table: SignalTable;
  readonly words: Int32Array;
  /** Region offsets of words that can be signalled. */
  readonly offsets: readonly number[];
}

const interruptIndex = 0;
const firstSlotIndex = 1;
const firstWordIndex = 16;
const wordCount = 4;
const regionBytes = 4 * (firstWordIndex + wordCount);

export interface SmallTableOptions {
  readonly slotCountLog2: number;
  readonly plainReadsMayMiss?: boolean;
}

export function smallTable(space: Space, { slotCountLog2, ...options }: SmallTableOptions): SmallTable {
  const slotCount = 2 ** slotCountLog2;
  const names: string[] = [];
  names[interruptIndex] = 'interrupt word';
  for (let slot = 0; slot < slotCount; slot++) names[firstSlotIndex + slot] = `slot ${slot}`;
  for (let word = 0; word < wordCount; word++) names[firstWordIndex + word] = `word ${'ABCD'[word]}`;
  const words = sharedWords(space, 'region', { names, ...options });
  const layout = {
    slotCountLog2,
    slotsOffset: regionOffset(4 * firstSlotIndex),
    interruptOffset: regionOffset(4 * interruptIndex),
  };
  return {
    table: signalTable({ words }, layout, regionBytes),
    words,
    offsets: Array.from({ length: wordCount }, (_, word) => 4 * (firstWordIndex + word)),
  };
}
