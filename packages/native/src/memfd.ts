// Memory that is a file, sealed so that nobody can resize it: a mapping of a file that shrinks is SIGBUS,
// which no process survives. Hence the receiver checks the seals before it maps what it was sent.
import { addon } from './addon.js';
import { checkFd, checkInteger } from './check.js';
import { OwnedFd } from './owned-fd.js';
import { SystemError } from './system-error.js';

const seal = { SEAL: 0x1, SHRINK: 0x2, GROW: 0x4 } as const;
const allSeals = seal.SEAL | seal.SHRINK | seal.GROW;
const einval = 22;
const maxNameBytes = 249;

/** A file in memory of exactly this size, forever. `name` shows in /proc/PID/maps. */
export function createSealedMemfd(name: string, sizeBytes: number): OwnedFd {
  checkInteger(`bytes in the name of memfd '${name}'`, Buffer.byteLength(name), 0, maxNameBytes);
  checkInteger(`size of memfd '${name}'`, sizeBytes, 1, Number.MAX_SAFE_INTEGER);
  const memfd = OwnedFd.own(addon.createMemfd(name, sizeBytes), `memfd ${name}`);
  try {
    addon.addSeals(memfd.fd, allSeals);
    return memfd;
  } catch (error) {
    memfd[Symbol.dispose]();
    throw error;
  }
}

/** The file's size in bytes, which cannot change any more; throws when it still could. */
export function assertSealed(fd: number): number {
  checkFd(fd);
  const seals = addon.getSeals(fd);
  if ((seals & allSeals) !== allSeals) {
    const text = `expected a file sealed with ${sealNames(allSeals)}, seen ${sealNames(seals) || 'none'}`;
    throw new SystemError('EINVAL', einval, 'fcntl', text);
  }
  return addon.fileSize(fd);
}

function sealNames(seals: number): string {
  return Object.entries(seal)
    .filter(([, bit]) => (seals & bit) !== 0)
    .map(([name]) => name)
    .join('|');
}
