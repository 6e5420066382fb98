// A description as a file: read, write and lseek. The driver keeps the position, which all holders of the token share;
// the bytes go straight between the caller's array and the window's descriptor, mapped or not.
import { readSync, writeSync } from 'node:fs';
import type { StructType } from '@vsoc/struct';
import { VsocError } from '../errors.js';
import {
  advanceAnswer,
  channelVerb,
  decode,
  encode,
  seekAnswer,
  seekArgument,
  seekOrigin,
} from '../wire/index.js';
import type { Description } from './description.js';
import type { WindowPlace } from './window.js';

export type SeekOrigin = keyof typeof seekOrigin;

export interface AreaFile {
  /** Bytes read from the position on; 0 at the end. */
  read(into: Uint8Array): Promise<number>;
  /** Bytes written from the position on, fewer than given at the end; rejects with ENOSPC when there is no room at all. */
  write(bytes: Uint8Array): Promise<number>;
  /** The new position; rejects with EINVAL outside 0 to the file's length. */
  seek(offset: number, origin: SeekOrigin): Promise<number>;
}

/** `checkOpen` throws once the description may be nobody's any more, or the window is closed. */
export function openAreaFile(
  description: Pick<Description, 'ioctl' | 'describe'>,
  window: WindowPlace,
  checkOpen: (op: string) => void,
): AreaFile {
  /**
   * Where in the window's descriptor the next `count` bytes lie; the position is behind them from here on. While the
   * driver was asked the description may have been disposed and the area be the next owner's: whoever awaits this
   * checks before it touches the bytes, with nothing in between.
   */
  async function advance(op: string, count: number): Promise<{ at: number; count: number }> {
    const request = { request: channelVerb.advance, op, argument: count };
    const [bytes, region] = await Promise.all([description.ioctl(request), description.describe()]);
    const taken = decode(advanceAnswer, bytes) ?? tooShort(op, advanceAnswer, bytes);
    return { at: window.offsetBytes + region.regionBeginOffset + taken.offset, count: taken.count };
  }

  return {
    async read(into) {
      const { at, count } = await advance('read', into.byteLength);
      checkOpen('read');
      return count === 0 ? 0 : readSync(window.fd.fd, into, 0, count, at);
    },
    async write(bytes) {
      const { at, count } = await advance('write', bytes.byteLength);
      checkOpen('write');
      if (count > 0) return writeSync(window.fd.fd, bytes, 0, count, at);
      if (bytes.byteLength === 0) return 0;
      throw new VsocError('ENOSPC', 'write', 'the position is at the end of the file');
    },
    async seek(offset, origin) {
      const argument = encode(seekArgument, { offset, origin: seekOrigin[origin] });
      const bytes = await description.ioctl({ request: channelVerb.seek, op: 'lseek', bytes: argument });
      return (decode(seekAnswer, bytes) ?? tooShort('lseek', seekAnswer, bytes)).position;
    },
  };
}

function tooShort(op: string, type: StructType, bytes: Uint8Array): never {
  const seen = `${bytes.byteLength} bytes where ${type.cName} has ${type.size}`;
  throw new VsocError('EPROTO', op, `the guest driver answered with ${seen}`);
}
