// A server that can open nothing any more, not even in place of what it gives up: it lives, and serves again later.
import { execFileSync } from 'node:child_process';
import { guardLeaks } from '@vsoc/testkit/hooks';
import { expect, test } from 'vitest';
import { openRawClient, openRawRegion, readHello, readNotice } from './raw-client.js';
import { openEpochBell, serveWindow } from './served-window.js';

guardLeaks();

test('who comes while there is no descriptor waits in the queue; who was there is served meanwhile', async () => {
  await using served = await serveWindow();
  using client = openRawRegion(served.hostSocket, 'first');
  using bell = openEpochBell(served);
  // Fewer than it has.
  const setLimit = (limit: number) =>
    execFileSync('prlimit', ['--pid', `${served.serverPid}`, `--nofile=${limit}:`]);
  setLimit(8);
  using late = openRawClient(served.hostSocket);
  for (let round = 0; round < 10; round++) {
    const epoch = bell.ring();
    expect(readNotice(client)).toBe(epoch);
  }
  setLimit(1024);
  expect(readHello(late)).toBe(1);
});
