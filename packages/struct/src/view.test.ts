/** Live views over real shared memory: words, elements, refusals, and memory that closes below them. */
import { beforeEach, describe, expect, test } from 'vitest';
import { array, atomicU32, type Memory, nested, pad, struct, text, u16, u32, u64 } from './index.js';

const doc = 'x';
const entry = struct('entry', 'Entry.', { owner: atomicU32({ doc }), width: u16({ doc }), pad0: pad(2) });
const table = struct('table', 'Table.', {
  serial: u32({ doc }),
  cursor: atomicU32({ doc }),
  time: u64({ doc }),
  name: text(8, { doc }),
  head: nested(entry, { doc }),
  entries: array(entry, 3, { doc }),
  halves: array(u16({ doc }), 4, { doc }),
});

class ClosableMemory implements Memory {
  closed = false;
  readonly buffer = new SharedArrayBuffer(128);
  readonly #words = new Int32Array(this.buffer);
  readonly #view = new DataView(this.buffer);

  get words(): Int32Array {
    if (this.closed) throw new Error('closed');
    return this.#words;
  }

  get view(): DataView {
    if (this.closed) throw new Error('closed');
    return this.#view;
  }
}

let memory: ClosableMemory;
beforeEach(() => {
  memory = new ClosableMemory();
});

test('what a view sets is what the struct reads', () => {
  const view = table.over(memory, 16);
  view.serial = 1;
  view.cursor.store(2);
  view.time = 3n;
  view.name = 'four';
  view.head.owner.store(5);
  view.entries.at(2).width = 6;
  view.halves.set(3, 7);
  expect(table.read(memory.view, 16)).toEqual({
    serial: 1,
    cursor: 2,
    time: 3n,
    name: 'four',
    head: { owner: 5, width: 0 },
    entries: [
      { owner: 0, width: 0 },
      { owner: 0, width: 0 },
      { owner: 0, width: 6 },
    ],
    halves: [0, 0, 0, 7],
  });
  expect([view.serial, view.time, view.name, view.halves.at(3)]).toEqual([1, 3n, 'four', 7]);
});

test('two views of the same bytes see the same', () => {
  table.over(memory, 0).entries.at(1).owner.store(9);
  expect(table.over(memory, 0).entries.at(1).owner.load()).toBe(9);
});

describe('atomic words', () => {
  test('are unsigned and return what was there before', () => {
    const word = table.over(memory, 0).cursor;
    word.store(0xffff_fffe);
    expect(word.add(3)).toBe(0xffff_fffe);
    expect(word.exchange(0xf0)).toBe(1);
    expect(word.or(0x0f)).toBe(0xf0);
    expect(word.and(0x3c)).toBe(0xff);
    expect(word.sub(0x3d)).toBe(0x3c);
    expect(word.compareExchange(5, 6)).toBe(0xffff_ffff);
    expect(word.compareExchange(0xffff_ffff, 6)).toBe(0xffff_ffff);
    expect(word.load()).toBe(6);
  });

  test('know their offset from the start of the region', () => {
    expect(table.over(memory, 8).cursor.offset).toBe(12);
    expect(table.over(memory, 8).entries.at(1).owner.offset).toBe(8 + 32 + 8);
  });

  test('of an area count from the region that the area is part of', () => {
    const area: Memory = { words: memory.words, view: memory.view, baseBytes: 4096 };
    const word = table.over(area, 8).cursor;
    word.store(1);
    expect([word.offset, memory.words[3]]).toEqual([4108, 1]);
  });

  test('refuse values that are no u32', () => {
    const word = table.over(memory, 0).cursor;
    expect(() => word.store(-1)).toThrow('table.cursor: expected an integer from 0 to 4294967295, saw -1');
    expect(() => word.compareExchange(0.5, 0)).toThrow('saw 0.5');
  });
});

describe('arrays', () => {
  test('have a length, iterate, and keep their elements', () => {
    const { entries, halves } = table.over(memory, 0);
    expect([entries.length, [...entries].length, [...halves]]).toEqual([3, 3, [0, 0, 0, 0]]);
    expect(entries.at(1)).toBe(entries.at(1));
  });

  test.each([-1, 3, 0.5, Number.NaN])('refuse the index %s', (index) => {
    const { entries } = table.over(memory, 0);
    expect(() => entries.at(index)).toThrow(`table.entries: expected an index from 0 to 2, saw ${index}`);
  });
});

test('a setter refuses what does not fit and writes nothing', () => {
  const view = table.over(memory, 0);
  expect(() => {
    view.serial = 2 ** 32;
  }).toThrow('table.serial: expected an integer from 0 to 4294967295, saw 4294967296');
  expect(() => view.halves.set(1, 70_000)).toThrow(
    'table.halves[1]: expected an integer from 0 to 65535, saw 70000',
  );
  expect(new Uint8Array(memory.buffer).every((byte) => byte === 0)).toBe(true);
});

test.each([
  [4, 'saw 0x4'],
  [-8, 'saw -8'],
  [72, 'saw 0x48'],
  [0.5, 'saw 0.5'],
])('a place at %s is refused', (offset, seen) => {
  expect(table.size).toBe(64);
  const expected = 'table: expected a 8-aligned offset with 64 bytes behind it in memory of 128, ';
  expect(() => table.over(memory, offset)).toThrow(expected + seen);
});

test('closed memory refuses through every accessor that was made before', () => {
  const view = table.over(memory, 0);
  const { cursor, entries, halves } = view;
  const first = entries.at(0);
  memory.closed = true;
  const uses = [
    () => view.serial,
    () => view.name,
    () => cursor.load(),
    () => cursor.store(1),
    () => first.owner.load(),
    () => first.width,
    () => entries.at(1),
    () => halves.at(0),
    () => halves.set(0, 1),
    () => table.over(memory, 0),
  ];
  for (const use of uses) expect(use).toThrow('closed');
});
