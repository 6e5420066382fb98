// What a guest writes is not trusted to be short, nor to be text.

import { PassThrough } from 'node:stream';
import { finished } from 'node:stream/promises';
import { expect, it } from 'vitest';
import { readLines } from './lines.js';

async function linesOf(...chunks: (string | Buffer)[]): Promise<string[]> {
  const stream = new PassThrough();
  const lines: string[] = [];
  readLines(stream, (line) => void lines.push(line));
  for (const chunk of chunks) stream.write(chunk);
  stream.end();
  await finished(stream);
  return lines;
}

it('lines come whole, however they were cut, the last one too', async () => {
  expect(await linesOf('on', 'e\ntwo\n\nthr', Buffer.from('ee'))).toEqual(['one', 'two', '', 'three']);
});

it('a line without an end is cut into pieces', async () => {
  const lines = await linesOf(...Array.from({ length: 100 }, () => 'x'.repeat(1000)));
  expect(lines.join('')).toBe('x'.repeat(100_000));
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(20_000);
});

it('control characters do not get through to a terminal', async () => {
  expect(await linesOf('\x1b[31mred\x1b[0m\x07\ttab\r\n\x1b]0;title\x07\n')).toEqual([
    'red\ttab',
    ']0;title',
  ]);
});
