// Descriptors that are not addressed sockets: pipes, socket pairs, copies, identity, a lock, a bounded wait, ioctl.
// All are close-on-exec: a child that inherits a copy unasked would keep alive whatever it stands for.
import { constants } from 'node:fs';
import { addon } from './addon.js';
import { checkBytes, checkFd, checkInteger, checkOneOf } from './check.js';
import { OwnedFd } from './owned-fd.js';
import { type SocketType, socketTypes } from './socket-type.js';

/** Both ends are non-blocking. */
export function createPipe(): { read: OwnedFd; write: OwnedFd } {
  const [read, write] = addon.createPipe();
  return { read: OwnedFd.own(read, 'pipe, read end'), write: OwnedFd.own(write, 'pipe, write end') };
}

/** Two connected UNIX sockets, non-blocking. */
export function createSocketPair(type: SocketType): [OwnedFd, OwnedFd] {
  const [first, second] = addon.createSocketPair(checkOneOf('socket type', type, socketTypes));
  return [OwnedFd.own(first, `${type} socket pair`), OwnedFd.own(second, `${type} socket pair`)];
}

/** A second number for the same open file description. */
export function duplicateFd(fd: number): OwnedFd {
  checkFd(fd);
  return OwnedFd.own(addon.duplicate(fd), `copy of fd ${fd}`);
}

const kinds = new Map([
  [constants.S_IFIFO, 'pipe'],
  [constants.S_IFSOCK, 'socket'],
  [constants.S_IFREG, 'file'],
  [constants.S_IFDIR, 'directory'],
  [constants.S_IFCHR, 'character-device'],
  [constants.S_IFBLK, 'block-device'],
] as const);
/** 'anonymous': what has no place in a file system, as an eventfd or an epoll. They all share one inode number. */
export type FdKind = (typeof kinds extends Map<number, infer Kind> ? Kind : never) | 'anonymous';

/**
 * Device and inode numbers: the same for every copy of a pipe's or socket's end, here and in other processes. Asks no file
 * system that another process serves.
 */
export function identifyFd(fd: number): { dev: bigint; ino: bigint; kind: FdKind } {
  checkFd(fd);
  const { dev, ino, mode } = addon.identify(fd);
  return { dev, ino, kind: kinds.get(mode & constants.S_IFMT) ?? 'anonymous' };
}

/** How many descriptors this process may have, as things are now. */
export function descriptorLimit(): number {
  return addon.descriptorLimit();
}

/**
 * Takes the exclusive lock (flock) of a file or directory for this open file description, until its last copy is closed;
 * false while another one has it. Advisory: it holds back only who asks for it.
 */
export function tryLock(fd: number): boolean {
  checkFd(fd);
  return addon.tryLock(fd) === 1;
}

const forever = -1;

/**
 * Blocks the thread until there is something to read (or the end), at most `timeoutMs`; the caution at the
 * head of futex.ts holds here too. For a Worker, or for a program that has nothing else to do.
 */
export function waitReadable(fd: number, timeoutMs = forever): 'readable' | 'timed-out' | 'interrupted' {
  checkFd(fd);
  checkInteger('timeoutMs', timeoutMs, forever, 0x7fff_ffff);
  const events = addon.poll(fd, timeoutMs);
  if (events < 0) return 'interrupted';
  return events === 0 ? 'timed-out' : 'readable';
}

/**
 * The request number goes to the kernel as it is. A byte argument is read and written in place; where the
 * number encodes a size, fewer bytes are refused, otherwise their count is the caller's care.
 */
export function ioctl(fd: number, request: number, argument: Uint8Array | number): number {
  checkFd(fd);
  checkInteger('ioctl request', request, 0, 0xffff_ffff);
  if (typeof argument === 'number') checkInteger('ioctl argument', argument, -0x8000_0000, 0xffff_ffff);
  else checkBytes('ioctl argument', argument);
  return addon.ioctl(fd, request, argument);
}
