import { ftruncateSync } from 'node:fs';
import { expect, test } from 'vitest';
import { addon } from './addon.js';
import { assertSealed, createSealedMemfd } from './memfd.js';
import { OwnedFd } from './owned-fd.js';
import { isCloseOnExec, linkOf } from './testing/proc.js';

test('a sealed memfd has its size, its name and close-on-exec', () => {
  using memfd = createSealedMemfd('sized', 12_345);
  expect(assertSealed(memfd.fd)).toBe(12_345);
  expect(linkOf(memfd.fd)).toContain('memfd:sized');
  expect(isCloseOnExec(memfd.fd)).toBe(true);
});

test('a sealed memfd refuses to shrink, to grow and to be sealed further', () => {
  using memfd = createSealedMemfd('sealed', 8192);
  expect(() => ftruncateSync(memfd.fd, 4096)).toThrow('EPERM');
  expect(() => ftruncateSync(memfd.fd, 16_384)).toThrow('EPERM');
  expect(() => addon.addSeals(memfd.fd, 0x8)).toThrow('EPERM');
});

test('a file with a seal missing is refused, and the message says which it has', () => {
  using memfd = OwnedFd.own(addon.createMemfd('unsealed', 4096), 'unsealed');
  expect(() => assertSealed(memfd.fd)).toThrow(/sealed with SEAL\|SHRINK\|GROW, seen none/);
  addon.addSeals(memfd.fd, 0x2 | 0x1);
  expect(() => assertSealed(memfd.fd)).toThrow(/seen SEAL\|SHRINK/);
});

test('a descriptor that cannot be sealed at all is a system error', () => {
  const [read, write] = addon.createPipe().map((fd) => OwnedFd.own(fd, 'pipe'));
  expect(() => assertSealed(read?.fd ?? -1)).toThrow(
    expect.objectContaining({ code: 'EINVAL', errno: 22, syscall: 'fcntl' }),
  );
  read?.[Symbol.dispose]();
  write?.[Symbol.dispose]();
});

test('impossible names and sizes are refused before the kernel sees them', () => {
  expect(() => createSealedMemfd('x'.repeat(250), 4096)).toThrow(/integer from 0 to 249, seen 250/);
  expect(() => createSealedMemfd('empty', 0)).toThrow(/integer from 1, seen 0/);
  expect(() => createSealedMemfd('half', 0.5)).toThrow(/seen 0.5/);
});
