// Pieces out of a stream, and the limits of what a peer may send unasked.
import { createEventfd, liveResources, type OwnedFd } from '@vsoc/native';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { StreamBuffer } from './stream-buffer.js';

let buffer: StreamBuffer;
let liveBefore: number;

beforeEach(() => {
  liveBefore = liveResources().length;
  buffer = new StreamBuffer({ bytes: 8, fds: 2 });
});
afterEach(() => {
  buffer[Symbol.dispose]();
  expect(liveResources()).toHaveLength(liveBefore);
});

const push = (...bytes: number[]) => buffer.push(new Uint8Array(bytes), []);
const bytesOf = (view: DataView | undefined) =>
  view && [...new Uint8Array(view.buffer, view.byteOffset, view.byteLength)];

test('a piece is there once all its bytes are, however they came', () => {
  push(1, 2);
  expect(buffer.take(3)).toBeUndefined();
  push(3, 4);
  expect(bytesOf(buffer.take(3))).toEqual([1, 2, 3]);
  expect([buffer.byteCount, bytesOf(buffer.take(1)), buffer.take(1)]).toEqual([1, [4], undefined]);
});

test('looking takes nothing', () => {
  push(1, 2, 3);
  expect([bytesOf(buffer.look(2)), buffer.look(4), bytesOf(buffer.take(3))]).toEqual([
    [1, 2],
    undefined,
    [1, 2, 3],
  ]);
});

test('looking behind a taken piece sees the next one', () => {
  push(1, 2, 3, 4);
  buffer.take(2);
  expect(bytesOf(buffer.look(2))).toEqual([3, 4]);
});

test('a taken piece does not change when more arrives', () => {
  push(1, 2);
  const taken = buffer.take(2);
  push(9, 9);
  expect(bytesOf(taken)).toEqual([1, 2]);
});

describe('the limits', () => {
  test('with as many bytes left as the limit is, one more is EPROTO', () => {
    push(1, 2, 3, 4, 5, 6, 7, 8);
    expect(() => push(9)).toThrow(expect.objectContaining({ code: 'EPROTO' }));
  });

  test('however many messages come at once, who takes all that are whole may get as many again', () => {
    for (let round = 0; round < 3; round++) {
      buffer.push(new Uint8Array(100).fill(round), []);
      let taken = 0;
      while (buffer.take(3)) taken++;
      expect(taken).toBeGreaterThanOrEqual(33);
    }
  });

  test('taken bytes make room', () => {
    push(1, 2, 3, 4, 5, 6, 7, 8);
    buffer.take(8);
    expect(() => push(1, 2, 3, 4, 5, 6, 7, 8)).not.toThrow();
  });

  test('a descriptor too many is EPROTO, and all are closed at the end', () => {
    const fds = [createEventfd(), createEventfd(), createEventfd()];
    expect(() => buffer.push(new Uint8Array(1), fds)).toThrow(expect.objectContaining({ code: 'EPROTO' }));
    buffer[Symbol.dispose]();
    expect(fds.map(({ closed }) => closed)).toEqual([true, true, true]);
  });
});

test('descriptors come out in order and belong to who took them', () => {
  const fds: [OwnedFd, OwnedFd] = [createEventfd(), createEventfd()];
  buffer.push(new Uint8Array(1), fds);
  using first = buffer.takeFd();
  expect(first).toBe(fds[0]);
  buffer[Symbol.dispose]();
  expect(fds.map(({ closed }) => closed)).toEqual([false, true]);
  expect(buffer.takeFd()).toBeUndefined();
});
