// One direction's table: each step of the protocol alone, then all of them against a model.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { testTable } from '../testing/words.js';
import { acknowledge, drain, insert, isRaised, post, raise, receive, type SignalTable } from './table.js';

function drained(table: SignalTable): number[] {
  const offsets: number[] = [];
  drain(table, (offset) => offsets.push(offset));
  return offsets.toSorted((a, b) => a - b);
}

/** Offsets whose probe begins in the same slot, found by asking a table of the same size. */
function colliding(slotCountLog2: number, count: number): number[] {
  const bySlot = new Map<number, number[]>();
  for (let offset = 4; ; offset += 4) {
    const { table, slots } = testTable(slotCountLog2);
    insert(table, offset);
    const slot = slots().indexOf(offset);
    const found = [...(bySlot.get(slot) ?? []), offset];
    if (found.length === count) return found;
    bySlot.set(slot, found);
  }
}

describe('insert', () => {
  test('puts the offset into exactly one slot', () => {
    const { table, slots } = testTable(4);
    expect(insert(table, 0x1000)).toBe('inserted');
    expect(slots().filter((slot) => slot !== 0)).toEqual([0x1000]);
  });

  test('leaves a second hint at the same word out', () => {
    const { table, slots } = testTable(4);
    insert(table, 0x1000);
    expect(insert(table, 0x1000)).toBe('already-there');
    expect(slots().filter((slot) => slot !== 0)).toEqual([0x1000]);
  });

  test('moves on where another word has its slot, and finds it there again', () => {
    const { table } = testTable(3);
    const [first = 0, second = 0, third = 0] = colliding(3, 3);
    expect([first, second, third].map((offset) => insert(table, offset))).toEqual(Array(3).fill('inserted'));
    expect(insert(table, third)).toBe('already-there');
    expect(drained(table)).toEqual([first, second, third].toSorted((a, b) => a - b));
  });

  test('probes around the end of the table', () => {
    const { table } = testTable(2);
    expect([4, 8, 12, 16].map((offset) => insert(table, offset))).toEqual(Array(4).fill('inserted'));
    expect(drained(table)).toEqual([4, 8, 12, 16]);
  });

  test('reports a full table after one round, and changes nothing in it', () => {
    const { table, slots } = testTable(2);
    for (const offset of [4, 8, 12, 16]) insert(table, offset);
    const before = slots();
    expect(insert(table, 20)).toBe('full');
    expect(slots()).toEqual(before);
  });

  test('finds a word that is there in a table that is full', () => {
    const { table } = testTable(2);
    for (const offset of [4, 8, 12, 16]) insert(table, offset);
    expect(insert(table, 16)).toBe('already-there');
  });

  test('works in a table of one slot', () => {
    const { table } = testTable(0);
    expect([insert(table, 4), insert(table, 4), insert(table, 8)]).toEqual([
      'inserted',
      'already-there',
      'full',
    ]);
    expect(drained(table)).toEqual([4]);
    expect(insert(table, 8)).toBe('inserted');
  });

  test('fills a table of 1024 slots with 1024 words a page apart', () => {
    const { table } = testTable(10);
    const offsets = Array.from({ length: 1024 }, (_, page) => (page + 1) * 4096);
    expect(new Set(offsets.map((offset) => insert(table, offset)))).toEqual(new Set(['inserted']));
    expect(drained(table)).toEqual(offsets);
  });

  test.each([4, 64, 4096])('begins to probe in many different slots for words %i bytes apart', (stride) => {
    const beginnings = new Set<number>();
    for (let index = 1; index <= 256; index++) {
      const { table, slots } = testTable(10);
      insert(table, index * stride);
      beginnings.add(slots().indexOf(index * stride));
    }
    // A mask of the offset would give one slot for 4096, and 64 for 64.
    expect(beginnings.size).toBeGreaterThan(200);
  });
});

describe('post', () => {
  test('rings for the first word and not for the next ones', () => {
    const { table } = testTable(4);
    expect(post(table, 4)).toEqual({ hint: 'inserted', mustRing: true });
    expect(post(table, 8)).toEqual({ hint: 'inserted', mustRing: false });
  });

  test('goes on to the interrupt word where the hint is there already: its poster may have died before', () => {
    const { table, words, interruptIndex } = testTable(4);
    insert(table, 4);
    expect(post(table, 4)).toEqual({ hint: 'already-there', mustRing: true });
    expect(words[interruptIndex]).toBe(1);
  });

  test('raises and rings on a full table, every time', () => {
    const { table, words, interruptIndex } = testTable(0);
    post(table, 4);
    expect(post(table, 8)).toEqual({ hint: 'full', mustRing: true });
    expect(post(table, 12)).toEqual({ hint: 'full', mustRing: true });
    expect(words[interruptIndex]).toBe(1);
  });
});

describe('the interrupt word', () => {
  test('tells the first who raises it, and the first who lowers it', () => {
    const { table } = testTable(0);
    expect([isRaised(table), raise(table), raise(table), isRaised(table)]).toEqual([
      false,
      true,
      false,
      true,
    ]);
    expect([acknowledge(table), acknowledge(table), isRaised(table)]).toEqual([true, false, false]);
  });

  test('counts as raised whatever the peer wrote into it', () => {
    const { table, words, interruptIndex } = testTable(0);
    words[interruptIndex] = -7;
    expect([isRaised(table), raise(table)]).toEqual([true, false]);
    words[interruptIndex] = 2 ** 31;
    expect(acknowledge(table)).toBe(true);
  });
});

describe('receive', () => {
  test('lowers the word, empties the table and hands each offset out', () => {
    const { table, slots } = testTable(4);
    for (const offset of [4, 8, 0x1_0000]) post(table, offset);
    const offsets: number[] = [];
    expect(receive(table, (offset) => offsets.push(offset))).toEqual({
      wasRaised: true,
      drained: 3,
      foreign: 0,
    });
    expect(offsets.toSorted((a, b) => a - b)).toEqual([4, 8, 0x1_0000]);
    expect([isRaised(table), ...slots()]).toEqual([false, ...Array(16).fill(0)]);
  });

  test('empties the table also where nobody raised the word', () => {
    const { table } = testTable(4);
    insert(table, 4);
    expect(receive(table, () => {})).toEqual({ wasRaised: false, drained: 1, foreign: 0 });
  });

  test('lowers the word before it looks at the table: a post in between rings', () => {
    const { table } = testTable(4);
    post(table, 4);
    const outcomes: unknown[] = [];
    receive(table, () => outcomes.push(post(table, 4)));
    expect(outcomes).toEqual([{ hint: 'inserted', mustRing: true }]);
  });

  test('takes every offset once, also when each is posted again while it is handed out', () => {
    const { table } = testTable(2);
    for (const offset of [4, 8, 12, 16]) post(table, offset);
    let handedOut = 0;
    receive(table, (offset) => {
      handedOut++;
      post(table, offset);
    });
    // A word may land in a later slot of the same pass; the pass itself stays bounded by the table.
    expect(handedOut).toBeGreaterThanOrEqual(4);
    expect(handedOut).toBeLessThanOrEqual(8);
  });

  test.each([
    ['unaligned', 6],
    ['the end of the region', 0x1000],
    ['past its end', 0x1004],
    ['with the highest bit', 0x8000_0000],
    ['all ones', 0xffff_ffff],
  ])('counts an entry that no sender can have written, and hands it to nobody: %s', (_what, entry) => {
    const { table, words, slots } = testTable(4, 0x1000);
    words[table.firstSlot + 3] = entry;
    insert(table, 0xffc);
    const offsets: number[] = [];
    expect(receive(table, (offset) => offsets.push(offset))).toMatchObject({ drained: 1, foreign: 1 });
    expect(offsets).toEqual([0xffc]);
    expect(slots()).toEqual(Array(16).fill(0));
  });
});

test('whatever is posted and received, the table behaves like a set with room', () => {
  const offset = fc.integer({ min: 1, max: 40 }).map((index) => index * 4096);
  const step = fc.oneof(
    { weight: 5, arbitrary: offset.map((value) => ({ post: value })) },
    { weight: 1, arbitrary: fc.constant({ post: undefined }) },
  );
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 5 }),
      fc.array(step, { maxLength: 120 }),
      (slotCountLog2, steps) => {
        const { table } = testTable(slotCountLog2);
        const model = new Set<number>();
        let raised = false;
        for (const { post: posted } of steps) {
          if (posted === undefined) {
            const offsets: number[] = [];
            const outcome = receive(table, (value) => offsets.push(value));
            expect(outcome).toEqual({ wasRaised: raised, drained: model.size, foreign: 0 });
            expect(new Set(offsets)).toEqual(model);
            model.clear();
            raised = false;
            continue;
          }
          const isFull = model.size === 2 ** slotCountLog2;
          const hint = model.has(posted) ? 'already-there' : isFull ? 'full' : 'inserted';
          expect(post(table, posted)).toEqual({ hint, mustRing: !raised || hint === 'full' });
          if (hint === 'inserted') model.add(posted);
          raised = true;
        }
      },
    ),
    { numRuns: 300 },
  );
});
