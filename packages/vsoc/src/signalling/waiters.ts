// The waits of one process (or of the guest driver) on the words of one region. An edge says that something may
// have changed; test() then looks at every waiter's own word, so a lost or refused hint costs nothing.
import type { Memory } from '@vsoc/struct';

/** One wait: sleeps while the word at `offset` holds `value`. */
export interface Waiter {
  readonly offset: number;
  readonly value: number;
  /** Times woken so far: the header's `wakes`. */
  wakes: number;
  /** Called once, when the word differs; the waiter is gone by then. */
  readonly onChanged: (wakes: number) => void;
  /** Called instead when the region closes first. */
  readonly onClosed: (error: Error) => void;
}

export interface Waiters {
  /** Registers, then tests: in the other order a change between the two would be slept through. */
  add(waiter: Waiter): void;
  remove(waiter: Waiter): void;
  /** Looks at this waiter's word alone, as its deadline passes: releases it, no wake counted, where the word differs. */
  testOne(waiter: Waiter): 'changed' | 'unchanged';
  /** Releases every waiter whose word differs; `hinted` offsets count as a wake for those that go on sleeping. */
  test(hinted?: ReadonlySet<number>): number;
  /** How many sleep although their word differs: the slow timer's question. */
  due(): number;
  /** Takes out and returns all: for a region that closes. */
  removeAll(): readonly Waiter[];
  readonly size: number;
}

export function createWaiters(memory: Pick<Memory, 'words'>): Waiters {
  const waiting = new Set<Waiter>();

  function differs(waiter: Waiter): boolean {
    return Atomics.load(memory.words, waiter.offset >>> 2) >>> 0 !== waiter.value;
  }

  function testOne(waiter: Waiter): 'changed' | 'unchanged' {
    if (!differs(waiter)) return 'unchanged';
    waiting.delete(waiter);
    waiter.onChanged(waiter.wakes);
    return 'changed';
  }

  return {
    add(waiter) {
      waiting.add(waiter);
      testOne(waiter);
    },
    testOne,
    remove(waiter) {
      waiting.delete(waiter);
    },
    test(hinted) {
      let released = 0;
      // Over those who sleep now: one that a callback adds was not woken by this.
      for (const waiter of [...waiting]) {
        if (!waiting.has(waiter)) continue;
        const changed = differs(waiter);
        if (changed || hinted?.has(waiter.offset)) waiter.wakes++;
        if (!changed) continue;
        waiting.delete(waiter);
        released++;
        waiter.onChanged(waiter.wakes);
      }
      return released;
    },
    due() {
      let due = 0;
      for (const waiter of waiting) if (differs(waiter)) due++;
      return due;
    },
    removeAll() {
      const all = [...waiting];
      waiting.clear();
      return all;
    },
    get size() {
      return waiting.size;
    },
  };
}
