// A guest that writes into region 0 as it likes, and rings: what host clients and the log get of it.
import { mapWindow } from '@vsoc/native';
import { guardLeaks } from '@vsoc/testkit/hooks';
import { findRegion, system } from '@vsoc/vsoc/layout';
import { expect, test } from 'vitest';
import { openRawRegion, readNotice } from './raw-client.js';
import { openEpochBell, type ServedWindow, serveWindow, turn, until } from './served-window.js';

guardLeaks();

const linesOf = ({ processes }: ServedWindow, text: string) =>
  processes.logLines.filter((line) => line.includes(text));

test('epochs as fast as they go: the last one is heard among few, and the log has ten lines', async () => {
  await using served = await serveWindow();
  using client = openRawRegion(served.hostSocket, 'first');
  using bell = openEpochBell(served);
  let last = 0;
  const startMs = performance.now();
  // For as long as it takes: a server that gets little of the processor sees few of them.
  for (let rings = 0; linesOf(served, 'more lines about guests').length === 0; rings++) {
    last = bell.ring();
    if (rings % 10 === 0) await turn();
  }
  let heard = 1;
  while (readNotice(client) !== last) heard++;
  expect(heard).toBeLessThanOrEqual(2 + (performance.now() - startMs) / 5);
  const seconds = Math.ceil((performance.now() - startMs) / 1000);
  expect(linesOf(served, 'guest started').length).toBeLessThanOrEqual(10 * (seconds + 1));
});

test('entries of the signal table that are no offsets are counted and said', async () => {
  await using served = await serveWindow();
  using bell = openEpochBell(served);
  using client = openRawRegion(served.hostSocket, system.name);
  using mapping = mapWindow(client.fds[2]?.fd as number, served.layout.sizeBytes);
  const { beginOffset, endOffset, guestToHost } = findRegion(served.layout, system.name);
  const words = new Int32Array(mapping.buffer, beginOffset, (endOffset - beginOffset) / 4);
  const firstSlot = guestToHost.slotsOffset / 4;
  words.set([3, -4], firstSlot);
  bell.ring();
  await until(() => linesOf(served, 'no offsets').length > 0);
  expect(linesOf(served, 'no offsets')[0]).toContain('foreignEntries=2');
  expect([...words.subarray(firstSlot, firstSlot + 2)]).toEqual([0, 0]);
});
