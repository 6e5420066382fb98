// A record guarded by a sequence word, odd while its writer works: one writer, any number of readers, nobody waits.
import type { AtomicWord } from '@vsoc/struct';

/** Writes the record inside an odd sequence; returns the even sequence under which it can be read. */
export function writeRecord(sequence: AtomicWord, write: () => void): number {
  // A writer that died inside left an odd word: its successor goes on under the same number.
  const writing = (sequence.load() | 1) >>> 0;
  sequence.store(writing);
  write();
  const written = (writing + 1) >>> 0;
  // SYNC POINT record-sequence (release side). Pairs with readRecord below.
  sequence.store(written);
  return written;
}

/**
 * Reads the record: `read` must copy what it needs and check nothing until this returns. Undefined when a writer was
 * at work in each of `attempts` tries; the peer may keep it odd for ever, so there is no unbounded spin.
 */
export function readRecord<T>(
  sequence: AtomicWord,
  read: () => T,
  attempts = 3,
): { sequence: number; value: T } | undefined {
  for (let attempt = 0; attempt < attempts; attempt++) {
    // SYNC POINT record-sequence (acquire side). Pairs with writeRecord above.
    const before = sequence.load();
    if ((before & 1) !== 0) continue;
    const value = read();
    if (sequence.load() === before) return { sequence: before, value };
  }
  return undefined;
}
