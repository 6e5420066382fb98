/** What a token is found by, without a driver: descriptors that came back, and those that tell nothing. */
import { createPipe, identifyFd, liveResources } from '@vsoc/native';
import type { Description } from '@vsoc/vsoc/driver';
import { expect, test } from 'vitest';
import { openTokenTable } from './tokens.js';

const description = { creatorPid: process.pid } as Description;

test('a token is found by any copy, anything else is none, be it a descriptor that cannot be asked', () => {
  const liveBefore = liveResources().length;
  const tokens = openTokenTable(() => {});
  const token = tokens.issue(description);
  const other = createPipe();
  expect([tokens.find(token.fd), tokens.find(other.write.fd)]).toEqual([description, undefined]);
  const { fd } = other.write;
  other.write[Symbol.dispose]();
  expect(() => identifyFd(fd)).toThrow('EBADF');
  expect(tokens.find(fd)).toBeUndefined();
  for (const owned of [token, other.read, tokens]) owned[Symbol.dispose]();
  expect(liveResources()).toHaveLength(liveBefore);
});
