/** The numbers are Linux's own, and codes survive the way over the wire. */
import { constants } from 'node:os';
import { describe, expect, test } from 'vitest';
import { codeOf, type ErrorCode, errnoOf, VsocError } from './errors.js';

const spoken = Object.entries(constants.errno).filter(([code]) => errnoOf(code as ErrorCode) !== undefined);

test('numbers are the ones of this Linux', () => {
  expect(spoken.length).toBeGreaterThan(30);
  for (const [code, errno] of spoken) expect([code, errnoOf(code as ErrorCode)]).toEqual([code, errno]);
});

describe('codeOf', () => {
  test('finds the code of a number of either sign', () => {
    for (const [code, errno] of spoken) expect([codeOf(errno), codeOf(-errno)]).toEqual([code, code]);
  });

  test('has none for a number that we do not speak', () => {
    expect([codeOf(0), codeOf(4711), codeOf(Number.NaN)]).toEqual([undefined, undefined, undefined]);
  });
});

test('an error carries code, number and operation like a system error', () => {
  const cause = new Error('below');
  const error = new VsocError('EAGAIN', 'CREATE_FD_SCOPED_PERMISSION', 'expected FREE, saw 0x7', { cause });
  expect(error).toBeInstanceOf(Error);
  expect(error).toMatchObject({
    name: 'VsocError',
    code: 'EAGAIN',
    errno: 11,
    op: 'CREATE_FD_SCOPED_PERMISSION',
    cause,
  });
  expect(error.message).toBe('EAGAIN: CREATE_FD_SCOPED_PERMISSION: expected FREE, saw 0x7');
});
