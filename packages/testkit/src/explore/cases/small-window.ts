// A window with region 0 and one region as small as it gets, for the real guest driver.
import { type RegionLayout, regionOffset, type WindowLayout, windowOffset } from '@vsoc/vsoc/layout';
import { type SignalTable, signalTable } from '@vsoc/vsoc/signalling';
import type { Space } from '../space.js';
import { sharedWindow } from '../words.js';

export interface SmallWindow {
  readonly layout: WindowLayout;
  readonly window: SharedArrayBuffer;
  /** The small region. */
  readonly regionIndex: number;
  /** Region offset of a word that can be signalled. */
  offsetOf(word: number): number;
  /** Its number again. */
  wordAt(offset: number): number;
  /** The words as a process maps them, and the table from the host to the guest; for a thread under exploration. */
  map(): { readonly words: Int32Array; readonly table: SignalTable };
}

const regionIndex = 1;
const pageBytes = 4096;
const dataOffset = 128;
const windowBytes = 65536;
const words = 'ABC';

export function smallWindow(space: Space, slotCountLog2: number): SmallWindow {
  const small = region(regionIndex, 'small', slotCountLog2);
  const regions = [region(0, 'system', 0), small];
  const window = sharedWindow(space, 'window', {
    sizeBytes: windowBytes,
    names: namesOf(2 ** slotCountLog2),
  });
  return {
    layout: { majorVersion: 2, minorVersion: 0, sizeBytes: windowBytes, regions },
    window,
    regionIndex,
    offsetOf: (word) => dataOffset + 4 * word,
    wordAt: (offset) => (offset - dataOffset) / 4,
    map() {
      const mapped = new Int32Array(window, small.beginOffset, pageBytes / 4);
      return { words: mapped, table: signalTable({ words: mapped }, small.hostToGuest, pageBytes) };
    },
  };
}

/** Interrupt words, the slots of both tables, and the words behind them. */
function region(index: number, name: string, slotCountLog2: number): RegionLayout {
  const slotsBytes = 4 * 2 ** slotCountLog2;
  return {
    index,
    name,
    currentVersion: 1,
    minCompatibleVersion: 1,
    beginOffset: windowOffset(pageBytes * (index + 1)),
    endOffset: windowOffset(pageBytes * (index + 2)),
    dataOffset: regionOffset(dataOffset),
    guestToHost: { slotCountLog2, slotsOffset: regionOffset(8), interruptOffset: regionOffset(0) },
    hostToGuest: {
      slotCountLog2,
      slotsOffset: regionOffset(8 + slotsBytes),
      interruptOffset: regionOffset(4),
    },
    managedBy: 0,
  };
}

/** For people: by index in the window. */
function namesOf(slotCount: number): string[] {
  const names: string[] = [];
  const system = pageBytes / 4;
  for (const [direction, name] of ['guest→host', 'host→guest'].entries()) {
    names[system + direction] = `system's ${name} interrupt word`;
    names[system + 2 + direction] = `system's ${name} slot`;
  }
  names[system + dataOffset / 4] = 'guest epoch';
  names[system + dataOffset / 4 + 1] = 'guest state';
  const small = (pageBytes * (regionIndex + 1)) / 4;
  names[small] = 'guest→host interrupt word';
  names[small + 1] = 'interrupt word';
  for (let slot = 0; slot < slotCount; slot++) names[small + 2 + slotCount + slot] = `slot ${slot}`;
  for (const [word, letter] of [...words].entries()) names[small + dataOffset / 4 + word] = `word ${letter}`;
  return names;
}
