/** The allocator's messages, byte by byte: clients in other languages would count on them. */
import { decode, encode } from '@vsoc/vsoc/wire';
import { expect, test } from 'vitest';
import { allocateAnswer, allocateRequest } from './protocol.js';

const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

test('a request is five little-endian words', () => {
  const request = { id: 0x01020304, widthPx: 1280, heightPx: 720, format: 1, usage: 0xffff_ffff };
  const bytes = encode(allocateRequest, request);
  expect(hexOf(bytes)).toBe('0403020100050000d002000001000000ffffffff');
  expect(decode(allocateRequest, bytes)).toEqual(request);
});

test('an answer is six words with its text behind them; an error is negative', () => {
  const answer = { id: 7, status: -28, epoch: 0, entry: 0, generation: 0, largestFreeBytes: 4096 };
  const bytes = encode(allocateAnswer, answer, new TextEncoder().encode('full'));
  expect(hexOf(bytes)).toBe('07000000e4ffffff0000000000000000000000000010000066756c6c');
  expect(decode(allocateAnswer, bytes)).toEqual(answer);
});

test('a message that is too short is nothing', () => {
  expect(decode(allocateRequest, new Uint8Array(19))).toBeUndefined();
  expect(decode(allocateRequest, new Uint8Array(20))).toBeDefined();
  expect(decode(allocateAnswer, new Uint8Array(23))).toBeUndefined();
  expect(decode(allocateAnswer, new Uint8Array(24))).toBeDefined();
});
