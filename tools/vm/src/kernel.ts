// Takes the uncompressed kernel out of a bzImage: QEMU starts that directly (PVH) in half the time.
import { runTool } from './tool.js';

/** Places of the boot protocol's header. */
const setupSectorsAt = 0x1f1;
const payloadOffsetAt = 0x248;
const payloadLengthAt = 0x24c;
const sectorBytes = 512;
const xzMagic = Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]);
const elfMagic = Buffer.from([0x7f, 0x45, 0x4c, 0x46]);

/** The ELF image inside `bzImage`; Error for a kernel that is compressed otherwise than Debian's standard one. */
export async function extractKernel(bzImage: Buffer): Promise<Buffer> {
  if (bzImage.byteLength < payloadLengthAt + 4) {
    throw new Error(`a kernel of ${bzImage.byteLength} bytes is none`);
  }
  const begin = (bzImage.readUInt8(setupSectorsAt) + 1) * sectorBytes + bzImage.readUInt32LE(payloadOffsetAt);
  const payload = bzImage.subarray(begin, begin + bzImage.readUInt32LE(payloadLengthAt));
  if (!payload.subarray(0, xzMagic.length).equals(xzMagic)) {
    const seen = payload.subarray(0, xzMagic.length).toString('hex');
    throw new Error(`the kernel's payload is not XZ: it begins with ${seen}; take Debian's standard kernel`);
  }
  // The payload has the uncompressed size behind the stream: xz complains of it after it has written everything.
  const unpack = ['--decompress', '--stdout', '--single-stream'];
  const image = await runTool('xz', unpack, { input: payload, anyExitCode: true });
  if (!image.subarray(0, elfMagic.length).equals(elfMagic)) {
    throw new Error('what came out of the kernel is no ELF image');
  }
  return image;
}
