// What is read out of the demo's own words.
import { readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { videoAddress } from './demo.js';
import { writeStillPicture } from './still-picture.js';

it('the stream has the page’s port and token', () => {
  expect(videoAddress('http://127.0.0.1:4242/5eed/')).toBe('ws://127.0.0.1:4242/5eed/video');
});

it('the still picture is a PNG of its size', () => {
  const file = join(tmpdir(), `vsoc-still-${process.pid}.png`);
  try {
    writeStillPicture(file, { widthPx: 5, heightPx: 3 });
    const png = readFileSync(file);
    expect(png.subarray(12, 16).toString()).toBe('IHDR');
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([5, 3]);
    const dataBytes = png.readUInt32BE(33);
    const rows = inflateSync(png.subarray(41, 41 + dataBytes));
    expect([...rows]).toEqual([...Array(3)].flatMap(() => [0, 0, 51, 102, 153, 204]));
  } finally {
    rmSync(file, { force: true });
  }
});
