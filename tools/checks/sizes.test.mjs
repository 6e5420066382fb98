// Proof that a file past its limit is refused, and so is a reason that nothing needs.
import { expect, test } from 'vitest';
import { checkSizes } from './sizes.mjs';

const lines = (count) => 'x\n'.repeat(count);
const check = (files, reasons = {}) => checkSizes(new Map(Object.entries(files)), reasons);

test('files up to their limit are accepted', () => {
  expect(check({ 'packages/a/src/a.ts': lines(250), 'apps/a/src/guest.ts': lines(200) })).toEqual([]);
});

test('a file of 251 lines is refused', () => {
  expect(check({ 'packages/a/src/a.ts': lines(251) })).toEqual([
    'packages/a/src/a.ts: 251 lines, expected at most 250',
  ]);
});

test('a half of 201 lines is refused', () => {
  expect(check({ 'apps/a/src/host.ts': lines(201) })).toHaveLength(1);
});

test('a half of the template has 60 lines', () => {
  expect(check({ 'apps/heartbeat/src/guest.ts': lines(60) })).toEqual([]);
  expect(check({ 'apps/heartbeat/src/guest.ts': lines(61) })).toEqual([
    'apps/heartbeat/src/guest.ts: 61 lines, expected at most 60',
  ]);
});

test('a reason excuses a long file, and only a long file', () => {
  const reasons = { 'packages/a/src/a.ts': 'one table' };
  expect(check({ 'packages/a/src/a.ts': lines(251) }, reasons)).toEqual([]);
  expect(check({ 'packages/a/src/a.ts': lines(10) }, reasons)).toHaveLength(1);
});
