import { writeSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createPipe, ioctl } from './descriptors.js';
import { createEventfd, readEventfd, signalEventfd } from './eventfd.js';
import { createSealedMemfd } from './memfd.js';
import { startPeer } from './testing/peer.js';
import { isCloseOnExec, until } from './testing/proc.js';
import { watch } from './watch.js';

/** Makes an open file description non-blocking, or, with 0, blocking. */
const fionbio = 0x5421;

test('signals add up, a read takes them all, and then there is nothing', () => {
  using doorbell = createEventfd();
  expect(isCloseOnExec(doorbell.fd)).toBe(true);
  for (let turn = 0; turn < 3; turn++) signalEventfd(doorbell.fd);
  expect(readEventfd(doorbell.fd)).toBe(3n);
  expect(readEventfd(doorbell.fd)).toBe(0n);
});

/** As whoever holds a copy can: as high as it goes. */
function fill(fd: number): void {
  writeSync(fd, new Uint8Array(new BigUint64Array([0xffff_ffff_ffff_fffen]).buffer));
}

describe('a counter at its ceiling', () => {
  test('is begun anew by a signal', () => {
    using doorbell = createEventfd();
    fill(doorbell.fd);
    signalEventfd(doorbell.fd);
    expect(readEventfd(doorbell.fd)).toBe(1n);
  });

  test('deafens nobody: each signal is an edge', async () => {
    using doorbell = createEventfd();
    let edges = 0;
    using _watch = watch(doorbell.fd, 'edge', () => void edges++);
    for (let round = 0; round < 3; round++) {
      readEventfd(doorbell.fd);
      fill(doorbell.fd);
      await until(() => edges === 2 * round + 1);
      signalEventfd(doorbell.fd);
      await until(() => edges === 2 * round + 2);
    }
  });

  test('keeps nobody waiting, even where somebody made the description a blocking one', async () => {
    using doorbell = createEventfd();
    using memfd = createSealedMemfd('words', 0x1_0000);
    fill(doorbell.fd);
    ioctl(doorbell.fd, fionbio, new Uint8Array(4));
    using peer = startPeer('signal', { args: ['3'], fds: [memfd.fd, doorbell.fd] });
    expect(await peer.exitCode).toBe(0);
    expect(readEventfd(doorbell.fd)).toBe(3n);
    expect(readEventfd(doorbell.fd)).toBe(0n);
  });
});

test('a closed number and another kind of descriptor are system errors', () => {
  const doorbell = createEventfd();
  const { fd } = doorbell;
  doorbell[Symbol.dispose]();
  expect(() => signalEventfd(fd)).toThrow(
    expect.objectContaining({ code: 'EBADF', errno: 9, syscall: 'write' }),
  );
  expect(() => signalEventfd(-1)).toThrow(/file descriptor: expected an integer from 0/);
  const { read, write } = createPipe();
  expect(() => signalEventfd(read.fd)).toThrow('EBADF');
  read[Symbol.dispose]();
  write[Symbol.dispose]();
});
