// What "ready" promises: nothing of the driver is still starting. A thread that does would show by its descriptors.
import { readdirSync } from 'node:fs';
import { guardLeaks } from '@vsoc/testkit/hooks';
import { expect, test } from 'vitest';
import { kill, startWorld, until } from './guest-world.js';

guardLeaks();

/** What a thread does first of all, as on a machine that is busy. */
const slowThreads = `
  import { isMainThread } from 'node:worker_threads';
  if (!isMainThread) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500);`;
const watchedMs = 1000;

test('from the moment that it is ready the driver has the same descriptors', async () => {
  await using world = await startWorld();
  await kill(world.driver);
  const driver = await world.processes.start({
    name: 'guest-driver',
    program: 'apps/guest-driver/dist/bin/guest-driver.js',
    env: { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(slowThreads)}` },
  });
  const count = () => readdirSync(`/proc/${driver.pid}/fd`).length;
  const seen = new Set([count()]);
  const startMs = performance.now();
  await until(() => {
    seen.add(count());
    return performance.now() > startMs + watchedMs;
  });
  expect([...seen]).toHaveLength(1);
});
