// Words for a test: a region's worth of a SharedArrayBuffer with one signal table in it.
import { regionOffset } from '../layout/index.js';
import { type SignalTable, signalTable } from '../signalling/index.js';

/** The slots begin a line behind the interrupt word, as the planner has it. */
const slotsOffset = 128;

export interface TestTable {
  readonly table: SignalTable;
  readonly words: Int32Array;
  /** Word index of the interrupt word. */
  readonly interruptIndex: number;
  /** The slots as they are now, as unsigned numbers. */
  slots(): number[];
}

export function testTable(slotCountLog2: number, regionBytes = 2 ** 24): TestTable {
  const words = new Int32Array(new SharedArrayBuffer(slotsOffset + 4 * 2 ** slotCountLog2));
  const layout = {
    slotCountLog2,
    slotsOffset: regionOffset(slotsOffset),
    interruptOffset: regionOffset(0),
  };
  return {
    table: signalTable({ words }, layout, regionBytes),
    words,
    interruptIndex: 0,
    slots: () => [...words.subarray(slotsOffset / 4)].map((word) => word >>> 0),
  };
}

/** Lets the event loop turn until something holds; the test's own timeout is the watchdog. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}
