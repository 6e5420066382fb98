// Clients that never finish what they began to say: each is told after two seconds, not before. In a file of its own,
// so that the wait runs beside the other tests.
import { guardLeaks } from '@vsoc/testkit/hooks';
import { expect, test } from 'vitest';
import { encodeName, openRawClient, openRawRegion, readAnswer, readHello, readNotice } from './raw-client.js';
import { openEpochBell, serveWindow } from './served-window.js';

guardLeaks();

test('silent and half-silent clients get ETIMEDOUT after 2 s; one that was served in time stays', async () => {
  await using served = await serveWindow();
  using inTime = openRawRegion(served.hostSocket, 'first');
  const connectedMs = performance.now();
  using silent = openRawClient(served.hostSocket);
  using half = openRawClient(served.hostSocket);
  for (const client of [silent, half]) readHello(client);
  half.send(encodeName('first').subarray(0, 5));

  for (const client of [silent, half]) {
    const text = expect.stringContaining('2000 ms');
    expect(readAnswer(client)).toMatchObject({ status: -110, text });
    expect(client.readToEnd()).toHaveLength(0);
  }
  expect(performance.now() - connectedMs).toBeGreaterThanOrEqual(2000);
  using bell = openEpochBell(served);
  const epoch = bell.ring();
  expect(readNotice(inTime)).toBe(epoch);
});
