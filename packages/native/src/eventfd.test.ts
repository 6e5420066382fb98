import { writeSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createPipe } from './descriptors.js';
import { createEventfd, readEventfd, signalEventfd } from './eventfd.js';
import { isCloseOnExec } from './testing/proc.js';

test('signals add up, a read takes them all, and then there is nothing', () => {
  using doorbell = createEventfd();
  expect(isCloseOnExec(doorbell.fd)).toBe(true);
  for (let turn = 0; turn < 3; turn++) signalEventfd(doorbell.fd);
  expect(readEventfd(doorbell.fd)).toBe(3n);
  expect(readEventfd(doorbell.fd)).toBe(0n);
});

test('a signal at the ceiling is success and changes nothing', () => {
  using doorbell = createEventfd();
  const ceiling = 0xffff_ffff_ffff_fffen;
  writeSync(doorbell.fd, new Uint8Array(new BigUint64Array([ceiling]).buffer));
  signalEventfd(doorbell.fd);
  expect(readEventfd(doorbell.fd)).toBe(ceiling);
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
