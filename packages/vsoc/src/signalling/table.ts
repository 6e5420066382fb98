// One direction's signal table, the header's protocol one function per step. Pure over words of the mapped
// region: no descriptors, no waiting. The table is a hint, the words are the truth: whoever gets an edge
// empties the table whatever the interrupt word said, and tests the words of all its own waiters again.
import type { Memory } from '@vsoc/struct';
import type { TableLayout } from '../layout/index.js';

/** Where one direction's table and interrupt word lie in a mapped region. */
export interface SignalTable {
  readonly memory: Pick<Memory, 'words'>;
  /** Word index of slot 0. */
  readonly firstSlot: number;
  /** Slots − 1; their number is a power of two. */
  readonly slotMask: number;
  /** Shift that brings a 32-bit hash down to a slot. */
  readonly hashShift: number;
  /** Word index of the interrupt word. */
  readonly interruptWord: number;
  /** Bytes of the region: offsets at or past it are foreign. */
  readonly regionBytes: number;
}

/** What became of one post: whether the hint found a place, and whether the peer must be rung. */
export interface PostOutcome {
  readonly hint: 'inserted' | 'already-there' | 'full';
  readonly mustRing: boolean;
}

/** What one pass of the receiver met. */
export interface ReceiveOutcome {
  /** False: the interrupt word was 0, a spurious edge or a poster that died; the table was emptied all the same. */
  readonly wasRaised: boolean;
  /** Offsets taken out of the table. */
  readonly drained: number;
  /** Entries that no sender of ours can have written: unaligned or outside the region. Ignored. */
  readonly foreign: number;
}

/** Locates a table of `layout` in a region's memory. */
export function signalTable(
  memory: Pick<Memory, 'words'>,
  layout: TableLayout,
  regionBytes: number,
): SignalTable {
  return {
    memory,
    firstSlot: layout.slotsOffset >>> 2,
    slotMask: 2 ** layout.slotCountLog2 - 1,
    hashShift: 32 - layout.slotCountLog2,
    interruptWord: layout.interruptOffset >>> 2,
    regionBytes,
  };
}

/** Steps 1 to 3: hints at the word at `offset`, then raises the interrupt word, also where the hint was there already. */
export function post(table: SignalTable, offset: number): PostOutcome {
  const hint = insert(table, offset);
  return { hint, mustRing: raise(table) || hint === 'full' };
}

/**
 * Steps 1 and 2: a place for `offset`, by multiplicative hash (strided words spread) and linear probing, bounded by
 * the table's length. It looks before it swaps: an exchange takes the cache line from the receiver, a load shares it.
 */
export function insert(table: SignalTable, offset: number): PostOutcome['hint'] {
  const { firstSlot, slotMask } = table;
  const words = table.memory.words;
  const hash = slotMask === 0 ? 0 : Math.imul(offset >>> 2, 0x9e3779b1) >>> table.hashShift;
  for (let probe = 0; probe <= slotMask; probe++) {
    const slot = firstSlot + ((hash + probe) & slotMask);
    let seen = Atomics.load(words, slot);
    // SYNC POINT table-slot (release side). Pairs with drain below.
    if (seen === 0) seen = Atomics.compareExchange(words, slot, 0, offset);
    if (seen === 0) return 'inserted';
    if (seen === offset) return 'already-there';
  }
  return 'full';
}

/** Step 3: true when the word was 0, so that the receiver may sleep and must be rung. */
export function raise(table: SignalTable): boolean {
  // SYNC POINT interrupt-word (release side). Pairs with acknowledge below.
  return Atomics.exchange(table.memory.words, table.interruptWord, 1) === 0;
}

/** Step 4: lowers the interrupt word; true when it was raised. */
export function acknowledge(table: SignalTable): boolean {
  // SYNC POINT interrupt-word (acquire side). Pairs with raise above.
  return Atomics.exchange(table.memory.words, table.interruptWord, 0) !== 0;
}

/** Step 6's condition: something was posted since the last acknowledge. */
export function isRaised(table: SignalTable): boolean {
  return Atomics.load(table.memory.words, table.interruptWord) !== 0;
}

/**
 * Step 5: takes every posted offset out and gives each to `onOffset`; returns how many, and how many were foreign.
 * A plain peek finds the slots that are set and an exchange takes them. A peek that misses a slot costs nothing: its
 * poster raises the interrupt word afterwards, and acknowledge came before, so another edge follows.
 */
export function drain(
  table: SignalTable,
  onOffset: (offset: number) => void,
): Omit<ReceiveOutcome, 'wasRaised'> {
  const { firstSlot, slotMask, regionBytes } = table;
  const words = table.memory.words;
  let drained = 0;
  let foreign = 0;
  for (let slot = firstSlot; slot <= firstSlot + slotMask; slot++) {
    if (peek(words, slot) === 0) continue;
    // SYNC POINT table-slot (acquire side). Pairs with insert above.
    const offset = Atomics.exchange(words, slot, 0) >>> 0;
    if (offset === 0) continue;
    if ((offset & 3) !== 0 || offset >= regionBytes) {
      foreign++;
      continue;
    }
    drained++;
    onOffset(offset);
  }
  return { drained, foreign };
}

/** Steps 4 and 5 in one: what a receiver does on every edge. */
export function receive(table: SignalTable, onOffset: (offset: number) => void): ReceiveOutcome {
  const wasRaised = acknowledge(table);
  return { wasRaised, ...drain(table, onOffset) };
}

/** The only plain read of a shared word in the product; whatever it sees is confirmed by an exchange. */
function peek(words: Int32Array, index: number): number {
  return words[index] as number;
}
