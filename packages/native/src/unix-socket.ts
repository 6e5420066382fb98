// UNIX sockets with an address. Everything is non-blocking; who listens also unlinks the path when done.
import { addon } from './addon.js';
import { checkFd, checkInteger, checkOneOf } from './check.js';
import { OwnedFd } from './owned-fd.js';
import { type SocketType, socketTypes } from './socket-type.js';

/** sun_path has 108 bytes, one of them the closing NUL. */
const maxPathBytes = 107;

/** Creates the socket file; its mode is set before anybody can connect. A file that exists already is EADDRINUSE. */
export function listenUnix(path: string, type: SocketType, mode: number): OwnedFd {
  checkPath(path);
  checkInteger('mode of the socket', mode, 0, 0o777);
  return OwnedFd.own(
    addon.listen(path, checkOneOf('socket type', type, socketTypes), mode),
    `listening on ${path}`,
  );
}

/** A connection, or undefined when none waits. Disposed, it takes the descriptors that wait unread in it along at once. */
export function acceptUnix(fd: number): OwnedFd | undefined {
  checkFd(fd);
  const connection = addon.accept(fd);
  if (connection === undefined) return undefined;
  return OwnedFd.own(connection, `accepted on fd ${fd}`, addon.closeConnection);
}

/** EAGAIN when the listener's queue is full: try again later. */
export function connectUnix(path: string, type: SocketType): OwnedFd {
  checkPath(path);
  return OwnedFd.own(
    addon.connect(path, checkOneOf('socket type', type, socketTypes)),
    `connected to ${path}`,
  );
}

/** Who made the other end of a connection, as the kernel saw it then. */
export function peerCredentials(fd: number): { pid: number; uid: number; gid: number } {
  checkFd(fd);
  return addon.peerCredentials(fd);
}

function checkPath(path: string): void {
  const lengthBytes = Buffer.byteLength(path);
  if (lengthBytes >= 1 && lengthBytes <= maxPathBytes && !path.includes('\0')) return;
  const limit = `expected 1 to ${maxPathBytes} bytes without NUL`;
  throw new RangeError(`socket path: ${limit}, seen ${lengthBytes}: ${JSON.stringify(path)}`);
}
