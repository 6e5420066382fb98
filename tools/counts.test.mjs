// Proof that nothing which did not run can hide behind a green line.
import { expect, test } from 'vitest';
import { addUp } from './counts.mjs';

const clean = {
  numPassedTests: 3,
  numFailedTests: 0,
  numPendingTests: 0,
  numTodoTests: 0,
  success: true,
  testResults: [],
};
const sum = (...reports) => addUp(reports.map((report) => ({ name: 'a', report })));

test('clean reports add up without a problem', () => {
  expect(sum(clean, clean)).toEqual({ passed: 6, failed: 0, problems: [] });
});

test.each([
  ['a skipped test', { ...clean, numPendingTests: 1 }],
  ['a test that is still to be written', { ...clean, numTodoTests: 1 }],
  ['a report that says it was no success', { ...clean, success: false }],
  ['a missing report', undefined],
  ['no test at all', { ...clean, numPassedTests: 0 }],
])('%s is a problem', (_what, report) => {
  expect(sum(report).problems).not.toEqual([]);
});

test('a file that could not be loaded counts as one failure', () => {
  const file = { name: 'x.test.ts', status: 'failed', assertionResults: [] };
  expect(sum({ ...clean, success: false, testResults: [file] })).toMatchObject({ passed: 3, failed: 1 });
});
