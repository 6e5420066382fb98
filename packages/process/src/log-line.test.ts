// What people read of a program's log.

import { expect, it } from 'vitest';
import { formatLogLine, parseLogLine } from './log-line.js';

const time = Date.UTC(2024, 0, 1, 12, 34, 56, 789);

it('a line becomes time, name, message and fields', () => {
  const line = JSON.stringify({ level: 30, time, name: 'console', pid: 7, msg: 'viewer joined', viewers: 2 });
  expect(formatLogLine(line)).toBe('12:34:56.789 console: viewer joined viewers=2');
});

it('a warning says so, an error shows its stack', () => {
  const err = { type: 'Error', message: 'no', stack: 'Error: no\n    at a (b.js:1)' };
  const line = JSON.stringify({ level: 50, time, name: 'gralloc', msg: 'no', err });
  expect(formatLogLine(line)).toBe('12:34:56.789 gralloc: error: no\n    at a (b.js:1)');
});

it('what is no log line passes through', () => {
  for (const line of ['Segmentation fault', '{"a":1}', '{broken', 'null']) {
    expect(parseLogLine(line)).toBeUndefined();
    expect(formatLogLine(`${line}\n`)).toBe(line);
  }
});
