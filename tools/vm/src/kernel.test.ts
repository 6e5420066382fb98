// A kernel image made here, with the header's numbers where the boot protocol has them.

import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { extractKernel } from './kernel.js';

const elf = Buffer.concat([Buffer.from([0x7f, 0x45, 0x4c, 0x46]), Buffer.alloc(100_000, 'kernel ')]);

/** Real-mode part of `setupSectors` sectors and a boot sector, then the payload 64 bytes into the rest. */
function bzImage(payload: Buffer, setupSectors = 3): Buffer {
  const setup = Buffer.alloc((setupSectors + 1) * 512);
  setup.writeUInt8(setupSectors, 0x1f1);
  setup.writeUInt32LE(64, 0x248);
  setup.writeUInt32LE(payload.byteLength, 0x24c);
  return Buffer.concat([setup, Buffer.alloc(64), payload, Buffer.alloc(1000, 0xff)]);
}

/** As the kernel's build does: the uncompressed size stands behind the stream. */
function xzPayload(content: Buffer): Buffer {
  const size = Buffer.alloc(4);
  size.writeUInt32LE(content.byteLength);
  return Buffer.concat([spawnSync('xz', ['--check=crc32', '--stdout'], { input: content }).stdout, size]);
}

it('the ELF image comes out whole', async () => {
  expect((await extractKernel(bzImage(xzPayload(elf)))).equals(elf)).toBe(true);
});

it('another compression is named by its first bytes', async () => {
  const lz4 = Buffer.from([0x02, 0x21, 0x4c, 0x18, 0, 0, 0, 0]);
  await expect(extractKernel(bzImage(lz4))).rejects.toThrow('not XZ: it begins with 02214c180000');
});

it('what is no kernel is refused', async () => {
  await expect(extractKernel(bzImage(xzPayload(Buffer.from('hello'))))).rejects.toThrow('no ELF image');
  await expect(extractKernel(Buffer.from('short'))).rejects.toThrow('a kernel of 5 bytes is none');
});
