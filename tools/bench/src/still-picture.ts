// A picture that does not move, as a PNG made here: what the demo plays while its idle cost is measured.
import { writeFileSync } from 'node:fs';
import { crc32, deflateSync } from 'node:zlib';

/** Writes a grey ramp: enough of a picture to be seen, small on disk. */
export function writeStillPicture(
  file: string,
  { widthPx, heightPx }: { widthPx: number; heightPx: number },
) {
  const row = Buffer.from([0, ...Array.from({ length: widthPx }, (_, x) => (x * 255) / widthPx)]);
  const pixels = Buffer.concat(Array.from({ length: heightPx }, () => row));
  const header = Buffer.alloc(13);
  header.writeUInt32BE(widthPx, 0);
  header.writeUInt32BE(heightPx, 4);
  header.writeUInt8(8, 8); // bits a sample; colour type 0 (grey) and the rest are zero
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const chunks = [chunk('IHDR', header), chunk('IDAT', deflateSync(pixels)), chunk('IEND', Buffer.alloc(0))];
  writeFileSync(file, Buffer.concat([signature, ...chunks]));
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  body.copy(framed, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
}
