// Loads the compiled addon and says what it exports. Its calls are thin and unforgiving in their types; the
// files beside this one are the surface. src/ and dist/ lie equally deep, so one relative path serves both.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { SystemError } from './system-error.js';

interface Addon {
  createMemfd(name: string, sizeBytes: number): number;
  addSeals(fd: number, seals: number): void;
  getSeals(fd: number): number;
  fileSize(fd: number): number;
  mapOver(bytes: Uint8Array, fd: number, offsetBytes: number): void;
  mapAnonymousOver(bytes: Uint8Array): void;
  viewArea(bytes: Uint8Array): ArrayBuffer;
  detachArea(buffer: ArrayBuffer): void;
  fill(bytes: Uint8Array, value: number): void;

  futexWait(words: Int32Array, index: number, expected: number, deadlineNs: bigint | undefined): number;
  futexWake(words: Int32Array, index: number, count: number): number;

  close(fd: number): void;
  closeReceived(fd: number): void;
  closeConnection(fd: number): void;
  duplicate(fd: number): number;
  createEventfd(): number;
  signalEventfd(fd: number): void;
  readEventfd(fd: number): bigint;
  createPipe(): [read: number, write: number];
  createSocketPair(type: number): [number, number];
  identify(fd: number): { dev: bigint; ino: bigint; mode: number };
  descriptorLimit(): number;
  tryLock(fd: number): number;
  poll(fd: number, timeoutMs: number): number;
  ioctl(fd: number, request: number, argument: Uint8Array | number): number;

  listen(path: string, type: number, mode: number): number;
  accept(fd: number): number | undefined;
  connect(path: string, type: number): number;
  send(fd: number, bytes: Uint8Array, fds: readonly number[] | undefined): number;
  receive(fd: number, into: Uint8Array): { byteCount: number; fds: number[] } | undefined;
  peerCredentials(fd: number): { pid: number; uid: number; gid: number };

  openWatch(fd: number, mode: number, callback: () => void): number;
  closeWatch(id: number): void;
  refWatch(id: number): void;
  unrefWatch(id: number): void;
}

function load(): Addon {
  // The override lets the same tests run on the build with sanitizers.
  const file =
    process.env.VSOC_NATIVE_ADDON ?? fileURLToPath(new URL('../build/vsoc_native.node', import.meta.url));
  if (!existsSync(file)) {
    throw new Error(
      `@vsoc/native is not compiled: expected ${file}; run 'node build.mjs' in its package folder`,
    );
  }
  const module = createRequire(import.meta.url)(file) as { open(errorClass: typeof SystemError): Addon };
  return module.open(SystemError);
}

export const addon = load();
