/**
 * What must and must not type-check. The directives below are assertions: the last test compiles this file, and an
 * expected error that does not come is one.
 */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, expectTypeOf, test } from 'vitest';
import {
  type AtomicWord,
  array,
  atomicU32,
  nested,
  pad,
  struct,
  text,
  u8,
  u16,
  u32,
  u64,
  type Values,
  type View,
  type WordName,
} from './index.js';

const entry = struct('entry', 'One entry.', {
  owner: atomicU32({ doc: 'who has it', signalledBy: 'guest' }),
  width: u16({ doc: 'width', unit: 'px' }),
  pad0: pad(2),
});

const all = struct('all', 'Every kind of field.', {
  size: u32({ doc: 'size' }),
  cursor: atomicU32({ doc: 'cursor', signalledBy: 'both' }),
  quiet: atomicU32({ doc: 'nobody signals it' }),
  answer: atomicU32({ doc: 'answer', signalledBy: 'host' }),
  time: u64({ doc: 'time' }),
  label: text(8, { doc: 'label' }),
  first: nested(entry, { doc: 'first' }),
  entries: array(entry, 4, { doc: 'entries' }),
  bytes: array(u8({ doc: 'byte' }), 8, { doc: 'bytes' }),
});

const buffer = new SharedArrayBuffer(256);
const memory = { words: new Int32Array(buffer), view: new DataView(buffer) };
const view: View<typeof all> = all.over(memory, 0);

test('values are plain: atomics are numbers, u64 is a bigint, padding is absent', () => {
  type EntryValues = { owner: number; width: number };
  expectTypeOf<Values<typeof entry>>().toEqualTypeOf<EntryValues>();
  expectTypeOf<Values<typeof all>>().toEqualTypeOf<{
    size: number;
    cursor: number;
    quiet: number;
    answer: number;
    time: bigint;
    label: string;
    first: EntryValues;
    entries: EntryValues[];
    bytes: number[];
  }>();
});

test('views have properties for plain fields and words for atomic ones', () => {
  expectTypeOf(view.size).toEqualTypeOf<number>();
  expectTypeOf(view.time).toEqualTypeOf<bigint>();
  expectTypeOf(view.label).toEqualTypeOf<string>();
  expectTypeOf(view.cursor).toEqualTypeOf<AtomicWord>();
  expectTypeOf(view.first.owner).toEqualTypeOf<AtomicWord>();
  expectTypeOf(view.entries.at(0).width).toEqualTypeOf<number>();
  expectTypeOf(view.bytes.at(0)).toEqualTypeOf<number>();
  expectTypeOf<keyof View<typeof entry>>().toEqualTypeOf<'owner' | 'width'>();
});

test('the words that a side may signal are known by name', () => {
  expectTypeOf<WordName<typeof all>>().toEqualTypeOf<'cursor' | 'quiet' | 'answer'>();
  expectTypeOf<WordName<typeof all, 'host'>>().toEqualTypeOf<'cursor' | 'answer'>();
  expectTypeOf<WordName<typeof entry, 'host'>>().toEqualTypeOf<never>();
});

/** Never called: it only has to be refused line by line. */
function refused(): unknown {
  // @ts-expect-error an atomic word is not a number: it must be loaded
  const plainRead: number = view.cursor;
  // @ts-expect-error nor can it be calculated with
  const sum = view.cursor + 1;
  // @ts-expect-error nor assigned
  view.cursor = 1;
  // @ts-expect-error nor replaced by another word
  view.cursor = view.answer;
  // @ts-expect-error a nested struct is changed field by field
  view.first = view.entries.at(0);
  // @ts-expect-error elements that are structs are not set
  view.entries.set(0, { owner: 0, width: 0 });
  // @ts-expect-error padding cannot be seen
  view.first.pad0;
  // @ts-expect-error nor read
  entry.read(memory.view, 0).pad0;
  // @ts-expect-error 64 bits are a bigint
  view.time = 1;
  // @ts-expect-error a field of values is missing
  entry.write(memory.view, 0, { owner: 0 });
  // @ts-expect-error a doc is mandatory
  u32({ unit: 'B' });
  return [plainRead, sum];
}

test('this file type-checks, expected errors included', async () => {
  expect(refused).toBeTypeOf('function');
  const tsc = fileURLToPath(new URL('../../../node_modules/.bin/tsc', import.meta.url));
  const project = fileURLToPath(new URL('../tsconfig.test.json', import.meta.url));
  const { stdout } = await promisify(execFile)(tsc, ['-p', project]).catch(
    (error: { stdout: string }) => error,
  );
  expect(stdout).toBe('');
});
