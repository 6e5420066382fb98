// Archives read back by a reader that was written from the format's description alone; the kernel's own reader judges
// them whenever a machine boots.

import { expect, it } from 'vitest';
import { file, fileType, folders, link, writeArchive } from './cpio.js';

interface Seen {
  readonly name: string;
  readonly inode: number;
  readonly mode: number;
  readonly content: string;
}

/** 110 bytes of head: "070701", then 13 numbers of 8 hexadecimal digits; name and content each padded to 4 bytes. */
function readArchive(bytes: Uint8Array): Seen[] {
  const entries: Seen[] = [];
  const text = Buffer.from(bytes).toString('latin1');
  let at = 0;
  const padTo4 = () => {
    for (; at % 4 !== 0; at++) expect(text[at]).toBe('\0');
  };
  while (at < text.length) {
    expect(text.slice(at, at + 6)).toBe('070701');
    const number = (index: number) =>
      Number.parseInt(text.slice(at + 6 + 8 * index, at + 14 + 8 * index), 16);
    const [inode, mode, sizeBytes, nameBytes] = [number(0), number(1), number(6), number(11)];
    at += 110;
    const name = text.slice(at, at + nameBytes - 1);
    expect(text[at + nameBytes - 1]).toBe('\0');
    at += nameBytes;
    padTo4();
    const content = text.slice(at, at + sizeBytes);
    at += sizeBytes;
    padTo4();
    entries.push({ name, inode, mode, content });
  }
  return entries;
}

it('every entry comes back, with the trailer behind them', () => {
  const archive = writeArchive([
    ...folders('bin', 'bin/deep'),
    file('bin/a', Buffer.from('x'), 0o755),
    file('bin/deep/four', Buffer.from('1234')),
    file('empty', new Uint8Array(0)),
    link('bin/b', 'a'),
  ]);
  expect(readArchive(archive).map(({ name, mode, content }) => [name, mode.toString(8), content])).toEqual([
    ['bin', '40755', ''],
    ['bin/deep', '40755', ''],
    ['bin/a', '100755', 'x'],
    ['bin/deep/four', '100644', '1234'],
    ['empty', '100644', ''],
    ['bin/b', '120777', 'a'],
    ['TRAILER!!!', '0', ''],
  ]);
});

it('names and contents of every length are padded', () => {
  for (let length = 0; length < 9; length++) {
    const content = 'c'.repeat(length);
    const archive = writeArchive([file('n'.repeat(length + 1), Buffer.from(content))]);
    expect(archive.byteLength % 4).toBe(0);
    expect(readArchive(archive)[0]).toMatchObject({ name: 'n'.repeat(length + 1), content });
  }
});

it('each entry has an inode of its own, else they would be hard links of one file', () => {
  const seen = readArchive(writeArchive([file('a', Buffer.from('1')), file('b', Buffer.from('2'))]));
  expect(new Set(seen.map(({ inode }) => inode)).size).toBe(seen.length);
});

it('archives may stand one behind the other', () => {
  const both = Buffer.concat([writeArchive([file('a', Buffer.from('1'))]), writeArchive(folders('b'))]);
  expect(readArchive(both).map(({ name }) => name)).toEqual(['a', 'TRAILER!!!', 'b', 'TRAILER!!!']);
  expect(fileType.folder).toBe(0o040000);
});
