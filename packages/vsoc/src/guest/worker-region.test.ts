// Waits that block a thread, against a driver in another one.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEventfd, DisposableStack } from '@vsoc/native';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { errnoOf } from '../errors.js';
import { type DriverThreadTask, startDriverThread } from '../testing/driver-thread.js';
import { openTestWindow, plain } from '../testing/window.js';
import type { BlockingWaitOptions } from '../wait.js';
import { attachGuestRegion } from './worker-region.js';

let stack: DisposableStack;
let directory: string;

beforeEach(() => {
  stack = new DisposableStack();
  directory = mkdtempSync(join(tmpdir(), 'vsoc-worker-'));
  stack.defer(() => rmSync(directory, { recursive: true }));
});
afterEach(() => {
  stack[Symbol.dispose]();
});

/** What a blocked wait on a word that never changes comes to. */
async function block(
  task: Omit<DriverThreadTask, 'path' | 'stop'>,
  options: (stop: Int32Array) => BlockingWaitOptions = () => ({}),
) {
  const path = join(directory, 'control');
  rmSync(path, { force: true });
  const stop = new Int32Array(new SharedArrayBuffer(4));
  await using _driver = await startDriverThread({ ...task, path, stop });
  const window = stack.use(openTestWindow());
  const token = stack.use(createEventfd());
  using region = attachGuestRegion(plain, {
    window: window.buffer,
    layout: window.region(plain.name),
    controlSocket: path,
    tokenFd: token.fd,
    doorbell: { kind: 'eventfd', fd: token.fd },
  });
  return region.blockWhile(region.data.first, 0, options(stop));
}

test('ends when the driver says so', async () => {
  expect(await block({ status: 0, replyAfterMs: 10 })).toBe('changed');
  expect(await block({ status: -errnoOf('ETIMEDOUT'), replyAfterMs: 10 })).toBe('timed-out');
});

test('looks up from its sleep as often as it was told', async () => {
  const stopping = (sliceMs: number) => (stop: Int32Array) => ({ stop, sliceMs });
  expect(await block({ status: 0, replyAfterMs: 2000 }, stopping(1))).toBe('stopped');
  // The stop word is raised, and the answer comes before the thread looks at it again.
  expect(await block({ status: 0, replyAfterMs: 500 }, stopping(60_000))).toBe('changed');
});

test('is ENODEV when the driver goes meanwhile', async () => {
  const blocking = block({ status: 0, replyAfterMs: 10, hangsUp: true });
  await expect(blocking).rejects.toMatchObject({ code: 'ENODEV' });
});
