// The steps of a signal, one by one, for a process that stops after some of them and is killed there.
import type { AtomicWord } from '@vsoc/struct';
import type { TableLayout } from '@vsoc/vsoc/layout';
import { insert, raise, type SignalTable, signalTable } from '@vsoc/vsoc/signalling';

/** The doorbell to the other side is rung last but one, the own side told last. */
export const signalSteps = ['change', 'hint', 'raise', 'ring', 'own side'] as const;
export type SignalStep = (typeof signalSteps)[number];

export interface StepsOptions {
  readonly word: AtomicWord;
  readonly table: SignalTable;
  ring(): void;
  /** Wakes the waiters of the poster's own side. */
  tellOwnSide(): void;
}

/** Does the first `count` steps. */
export function doSteps(count: number, { word, table, ring, tellOwnSide }: StepsOptions): void {
  const steps: Readonly<Record<SignalStep, () => void>> = {
    change: () => word.store(word.load() + 1),
    hint: () => void insert(table, word.offset),
    // Who finds the word raised does not ring: a step of its own would be left out.
    raise: () => void raise(table),
    ring,
    'own side': tellOwnSide,
  };
  for (const step of signalSteps.slice(0, count)) steps[step]();
}

/** What a region's `share` gives of it. */
export interface SharedRegion {
  readonly window: SharedArrayBuffer;
  readonly layout: { readonly beginOffset: number; readonly endOffset: number };
}

/** A table of an open region, to be worked on directly. */
export function tableIn({ window, layout }: SharedRegion, table: TableLayout): SignalTable {
  const sizeBytes = layout.endOffset - layout.beginOffset;
  return signalTable({ words: new Int32Array(window, layout.beginOffset, sizeBytes / 4) }, table, sizeBytes);
}
