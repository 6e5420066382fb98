import { readFile } from 'node:fs/promises';
import { emitMarkdown } from '@vsoc/struct';
import { describe, expect, it } from 'vitest';
import {
  ackMessage,
  closeCode,
  frameHeader,
  helloMessage,
  readFrameMessage,
  readViewerMessage,
  writeAck,
  writeFrameHeader,
  writeHello,
} from './wire.js';

const header = {
  encoding: 'lossless',
  partsFollowing: 2,
  serial: 0xffff_fffe,
  frameWidth: 1280,
  frameHeight: 720,
  x: 16,
  y: 32,
  width: 64,
  height: 48,
  ageUs: 1500,
  payloadBytes: 3,
} as const;

function message(changes: Partial<Parameters<typeof writeFrameHeader>[0]> = {}, payload = [1, 2, 3]) {
  return Uint8Array.of(...writeFrameHeader({ ...header, ...changes }), ...payload);
}

describe('frame message', () => {
  it('comes back as it was written', () => {
    const { payloadBytes: _, ...fields } = header;
    expect(readFrameMessage(message())).toMatchObject({ ...fields, payload: Uint8Array.of(1, 2, 3) });
  });

  it('keeps an age beyond 71 minutes at the maximum, and one from the future at zero', () => {
    expect(readFrameMessage(message({ ageUs: 1e12 }))).toMatchObject({ ageUs: 0xffff_ffff });
    expect(readFrameMessage(message({ ageUs: -5 }))).toMatchObject({ ageUs: 0 });
  });

  it('is refused in words when something is wrong with it', () => {
    expect(readFrameMessage(new Uint8Array(7))).toBe('message of 7 B is shorter than a header');
    expect(readFrameMessage(message({}, [1]))).toBe('header promises 3 B of image, 1 came');
    expect(readFrameMessage(message({ x: 1270 }))).toBe('rectangle is empty or outside of the frame');
    expect(readFrameMessage(message({ width: 0 }))).toBe('rectangle is empty or outside of the frame');
    expect(readFrameMessage(message().fill(9, 0, 1))).toBe('message kind 9, expected 1');
    expect(readFrameMessage(message().fill(7, 2, 3))).toBe('unknown encoding 7');
  });
});

describe('viewer message', () => {
  it('comes back as it was written', () => {
    expect(readViewerMessage(writeHello('jpeg', 3))).toEqual({ kind: 'hello', encoding: 'jpeg', credit: 3 });
    expect(readViewerMessage(writeAck(0xffff_ffff))).toEqual({ kind: 'ack', serial: 0xffff_ffff });
  });

  it.each([
    ['empty', new Uint8Array(0), closeCode.malformed],
    ['one byte', Uint8Array.of(2), closeCode.malformed],
    ['unknown kind', Uint8Array.of(77, 0, 0, 0), closeCode.malformed],
    ['hello that is too long', Uint8Array.of(...writeHello('jpeg', 2), 0), closeCode.malformed],
    ['ack that is too short', writeAck(1).subarray(0, 6), closeCode.malformed],
    ['unknown encoding', Uint8Array.of(2, 0, 9, 2), closeCode.malformed],
    ['no credit', Uint8Array.of(2, 0, 1, 0), closeCode.malformed],
    ['too much credit', Uint8Array.of(2, 0, 1, 200), closeCode.malformed],
    ['17 bytes', new Uint8Array(17), closeCode.tooBig],
  ])('%s is malformed', (_, bytes, code) => {
    expect(readViewerMessage(bytes)).toMatchObject({ kind: 'malformed', code });
  });
});

it('the tables in the README are those of the structs', async () => {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
  for (const message of [frameHeader, helloMessage, ackMessage])
    expect(readme).toContain(emitMarkdown(message).trim());
});
