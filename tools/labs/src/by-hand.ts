// The sender's steps one by one, as a region's signalPeer takes them all at once: so that a lab can leave some out.
import type { AtomicWord } from '@vsoc/struct';
import type { GuestRegion } from '@vsoc/vsoc/guest';
import { insert, raise, signalTable } from '@vsoc/vsoc/signalling';
import { type Doorbell, ring } from '@vsoc/vsoc/wire';

export interface Steps {
  /** Steps 1 and 2: the word's offset into a slot of the table. */
  hint(word: AtomicWord): 'inserted' | 'already-there' | 'full';
  /** The same for an offset that no word of this HAL has. */
  hintAt(offset: number): 'inserted' | 'already-there' | 'full';
  /** Step 3: true when the word was 0, so that the doorbell must be rung. */
  raise(): boolean;
  ring(): void;
  readonly slotCount: number;
  /** Words of the outgoing table and where it lies, for a thief. */
  readonly table: ReturnType<typeof signalTable>;
  readonly doorbell: Doorbell;
}

export function stepsOf(region: GuestRegion): Steps {
  const { window, layout, doorbell } = region.share();
  const regionBytes = layout.endOffset - layout.beginOffset;
  const words = new Int32Array(window, layout.beginOffset, regionBytes / Int32Array.BYTES_PER_ELEMENT);
  const table = signalTable({ words }, layout.guestToHost, regionBytes);
  return {
    hint: (word) => insert(table, word.offset),
    hintAt: (offset) => insert(table, offset),
    raise: () => raise(table),
    ring: () => ring(doorbell),
    slotCount: table.slotMask + 1,
    table,
    doorbell,
  };
}
