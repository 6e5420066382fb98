import { closeSync, openSync } from 'node:fs';
import { expect, test } from 'vitest';
import { OwnedFd } from './owned-fd.js';
import { liveResources } from './resources.js';
import { countFds, linkOf } from './testing/proc.js';

const openNull = () => OwnedFd.own(openSync('/dev/null', 'r'), 'null device');

test('dispose closes the number once and refuses it from then on', () => {
  const before = countFds();
  const owned = openNull();
  expect(linkOf(owned.fd)).toBe('/dev/null');
  owned[Symbol.dispose]();
  owned[Symbol.dispose]();
  expect(owned.closed).toBe(true);
  expect(() => owned.fd).toThrow(/null device: expected an open descriptor, it is closed/);
  expect(countFds()).toBe(before);
});

test('release hands the number over, still open', () => {
  const owned = openNull();
  const fd = owned.release();
  owned[Symbol.dispose]();
  expect(owned.closed).toBe(true);
  expect(linkOf(fd)).toBe('/dev/null');
  closeSync(fd);
  expect(() => owned.release()).toThrow(/it is closed/);
});

test('a number that somebody else closed is an error, not a silence', () => {
  const owned = openNull();
  closeSync(owned.fd);
  expect(() => owned[Symbol.dispose]()).toThrow(expect.objectContaining({ code: 'EBADF', syscall: 'close' }));
  expect(liveResources()).toEqual([]);
});

test('what is no descriptor cannot be owned', () => {
  expect(() => OwnedFd.own(-1, 'nothing')).toThrow(RangeError);
  expect(() => OwnedFd.own(1.5, 'nothing')).toThrow(/seen 1.5/);
});
