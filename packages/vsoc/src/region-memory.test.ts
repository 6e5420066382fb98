// A region's bytes: exactly its own, and refused once closed.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RegionMemory } from './region-memory.js';
import { openTestWindow, plain, type TestWindow } from './testing/window.js';

let window: TestWindow;
let memory: RegionMemory;

beforeEach(() => {
  window = openTestWindow();
  memory = window.memory(plain.name);
});
afterEach(() => {
  window[Symbol.dispose]();
});

test('words, view and bytes are the region’s own, from its first byte to its last', () => {
  const { beginOffset } = window.region(plain.name);
  memory.words[1] = 0x0403_0201;
  expect(new Uint8Array(window.buffer, beginOffset + 4, 4)).toEqual(new Uint8Array([1, 2, 3, 4]));
  expect(memory.view.getUint16(4, true)).toBe(0x0201);
  expect(memory.bytes(5, 8)).toEqual(new Uint8Array([2, 3, 4]));
  expect([
    memory.words.byteLength,
    memory.view.byteLength,
    memory.bytes(0, memory.sizeBytes).byteLength,
  ]).toEqual(Array(3).fill(memory.sizeBytes));
});

describe('bytes', () => {
  test.each<[string, number, number]>([
    ['past the end', 0, 1 << 20],
    ['before the begin', -1, 4],
    ['backwards', 8, 4],
    ['from no number', Number.NaN, 4],
    ['to no number', 0, Number.NaN],
  ])('are refused %s', (_what, begin, end) => {
    expect(() => memory.bytes(begin, end)).toThrow(expect.objectContaining({ code: 'ERANGE' }));
  });

  test('may be none, also at the end', () => {
    expect(memory.bytes(memory.sizeBytes, memory.sizeBytes)).toHaveLength(0);
  });
});

test('everything is refused after dispose, and twice is harmless', () => {
  memory[Symbol.dispose]();
  memory[Symbol.dispose]();
  const refused = expect.objectContaining({ code: 'EBADF', message: expect.stringContaining(plain.name) });
  expect(() => memory.words).toThrow(refused);
  expect(() => memory.view).toThrow(refused);
  expect(() => memory.bytes(0, 4)).toThrow(refused);
});

test('a typed view over it refuses too', () => {
  const { first } = plain.data.over(memory, window.region(plain.name).dataOffset);
  memory[Symbol.dispose]();
  expect(() => first.load()).toThrow(expect.objectContaining({ code: 'EBADF' }));
  expect(() => first.store(1)).toThrow(expect.objectContaining({ code: 'EBADF' }));
});
