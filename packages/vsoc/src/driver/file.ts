// read, write, lseek and mmap: a description is also a file, as long as its region, or as the area of its permission. The
// position is the description's, shared by all who hold its token; the bytes themselves are moved by the process.
import { VsocError } from '../errors.js';
import { advanceAnswer, mapAnswer, seekAnswer, seekArgument, seekOrigin } from '../wire/channel-protocol.js';
import { decode, encode } from '../wire/encode.js';
import type { Description } from './description.js';

/** What of the region the file shows: nothing of a managed one before a permission is attached. */
function extentOf({ region, permission }: Description): { beginOffset: number; lengthBytes: number } {
  if (region.layout.managedBy === 0) return { beginOffset: 0, lengthBytes: region.sizeBytes };
  if (!permission) return { beginOffset: 0, lengthBytes: 0 };
  const { beginOffset, endOffset } = permission;
  return { beginOffset, lengthBytes: endOffset - beginOffset };
}

/** lseek: EINVAL for an unknown origin or a place outside the file; its end is inside. */
export function seek(description: Description, bytes: Uint8Array): Uint8Array {
  const argument = decode(seekArgument, bytes);
  if (!argument) {
    throw new VsocError(
      'EINVAL',
      'lseek',
      `the argument has ${seekArgument.size} bytes, not ${bytes.byteLength}`,
    );
  }
  const { lengthBytes } = extentOf(description);
  const bases: Readonly<Record<number, number>> = {
    [seekOrigin.begin]: 0,
    [seekOrigin.current]: description.position,
    [seekOrigin.end]: lengthBytes,
  };
  const base = bases[argument.origin];
  if (base === undefined)
    throw new VsocError('EINVAL', 'lseek', `origin is 0, 1 or 2, not ${argument.origin}`);
  const position = base + argument.offset;
  if (position < 0 || position > lengthBytes) {
    throw new VsocError('EINVAL', 'lseek', `position ${position} of a file of ${lengthBytes} bytes`);
  }
  description.position = position;
  return encode(seekAnswer, { position });
}

/** Takes up to `count` bytes at the position for a read or a write and moves behind them; 0 of them at the end. */
export function advance(description: Description, count: number): Uint8Array {
  const { beginOffset, lengthBytes } = extentOf(description);
  const taken = Math.min(count, lengthBytes - description.position);
  const offset = beginOffset + description.position;
  description.position += taken;
  return encode(advanceAnswer, { offset, count: taken });
}

/** mmap: where the area of the permission lies; EINVAL without one. The process maps it, or has the window mapped. */
export function map({ region, permission }: Description): Uint8Array {
  if (!permission) {
    throw new VsocError('EINVAL', 'map', `description of ${region.layout.name} has no permission`);
  }
  const windowOffset = region.layout.beginOffset + permission.beginOffset;
  return encode(mapAnswer, { windowOffset, permission });
}
