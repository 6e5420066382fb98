// Lines and the one line below them, byte by byte as the terminal gets them.

import { expect, it } from 'vitest';
import { openScreen } from './screen.js';

function recorder(isTTY: boolean, columns = 80) {
  const written: string[] = [];
  const stream = { isTTY, columns, write: (text: string) => written.push(text) > 0, on: () => stream };
  return { written, screen: openScreen(stream as never) };
}

it('a line above the status line clears it, scrolls, and shows it again', () => {
  const { written, screen } = recorder(true);
  screen.print('one');
  screen.status('busy');
  screen.print('two');
  expect(written).toEqual(['one\n', '\r\x1b[2Kbusy', '\r\x1b[2Ktwo\nbusy']);
});

it('the status line never fills the last column', () => {
  const { written, screen } = recorder(true, 5);
  screen.status('123456789');
  expect(written).toEqual(['\r\x1b[2K1234']);
});

it('what is no terminal gets lines only', () => {
  const { written, screen } = recorder(false);
  screen.status('busy');
  screen.print('one');
  expect(written).toEqual(['one\n']);
});
