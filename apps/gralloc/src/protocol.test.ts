/** Messages about buffers, byte by byte: clients in other languages count on them. */
import { decode, encode } from '@vsoc/vsoc/wire';
import { expect, test } from 'vitest';
import { allocateAnswer, allocateRequest, nameOf, outstandingLimit, sentBuffer } from './protocol.js';

const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

test('a request is five little-endian words', () => {
  const request = { id: 0x01020304, widthPx: 1280, heightPx: 720, format: 1, usage: 0xffff_ffff };
  const bytes = encode(allocateRequest, request);
  expect(hexOf(bytes)).toBe('0403020100050000d002000001000000ffffffff');
  expect(decode(allocateRequest, bytes)).toEqual(request);
});

test.each([
  [-28, 'e4ffffff'],
  [-122, '86ffffff'],
])('an answer with status %i is six words with its text behind them', (status, hex) => {
  const answer = { id: 7, status, epoch: 0, entry: 0, generation: 0, availableBytes: 4096 };
  const bytes = encode(allocateAnswer, answer, new TextEncoder().encode('full'));
  expect(hexOf(bytes)).toBe(`07000000${hex}0000000000000000000000000010000066756c6c`);
  expect(decode(allocateAnswer, bytes)).toEqual(answer);
});

test('a granted answer names the buffer', () => {
  const answer = { id: 1, status: 0, epoch: 2, entry: 127, generation: 0xffff_fffe, availableBytes: 0 };
  const bytes = encode(allocateAnswer, answer);
  expect(hexOf(bytes)).toBe('0100000000000000020000007f000000feffffff00000000');
  expect(decode(allocateAnswer, bytes)).toEqual(answer);
});

test('a buffer that is sent on is named by three words', () => {
  const reference = { epoch: 3, entry: 5, generation: 0x01020304 };
  const bytes = encode(sentBuffer, reference);
  expect(hexOf(bytes)).toBe('030000000500000004030201');
  expect(decode(sentBuffer, bytes)).toEqual(reference);
  expect(nameOf(reference)).toBe('buffer 5, generation 16909060');
});

test('a message that is too short is nothing', () => {
  expect([allocateRequest.size, allocateAnswer.size, sentBuffer.size]).toEqual([20, 24, 12]);
  expect(decode(allocateRequest, new Uint8Array(19))).toBeUndefined();
  expect(decode(allocateRequest, new Uint8Array(20))).toBeDefined();
  expect(decode(allocateAnswer, new Uint8Array(23))).toBeUndefined();
  expect(decode(allocateAnswer, new Uint8Array(24))).toBeDefined();
  expect(decode(sentBuffer, new Uint8Array(11))).toBeUndefined();
  expect(decode(sentBuffer, new Uint8Array(12))).toBeDefined();
});

test('clients may count on 16 requests at a time', () => {
  expect(outstandingLimit).toBe(16);
});
