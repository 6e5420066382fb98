import { once } from 'node:events';
import { expect, test } from 'vitest';
import { countFds, until } from './testing/proc.js';
import { startWorker } from './testing/worker.js';

test('a Worker that ends with open watches ends well', async () => {
  const worker = startWorker('watch', { count: 10, stay: false });
  const [code] = await once(worker, 'exit');
  expect(code).toBe(0);
});

test('a Worker terminated amid its callbacks ends well, again and again', async () => {
  for (let turn = 0; turn < 5; turn++) {
    const worker = startWorker('watch', { count: 10, stay: true });
    await once(worker, 'message');
    expect(await worker.terminate()).toBe(1);
  }
});

test('an ended Worker takes the descriptors of its watches along', async () => {
  const before = countFds();
  const count = 10;
  const worker = startWorker('watch', { count, stay: true });
  await once(worker, 'message');
  expect(countFds()).toBeGreaterThanOrEqual(before + 2 * count);
  await worker.terminate();
  // Its eventfds had no dispose; their watches' epolls are the addon's to close.
  await until(() => countFds() <= before + count);
});
