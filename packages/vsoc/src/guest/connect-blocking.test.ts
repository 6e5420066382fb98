// A thread that connects to a node whose queue is full: it waits for a place, for so long.
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { connectUnix, DisposableStack, listenUnix } from '@vsoc/native';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { connectBlocking } from './connect-blocking.js';

let stack: DisposableStack;
let path: string;

beforeEach(() => {
  stack = new DisposableStack();
  const directory = mkdtempSync(join(tmpdir(), 'vsoc-connect-'));
  stack.defer(() => rmSync(directory, { recursive: true }));
  path = join(directory, 'node');
});
afterEach(() => {
  stack[Symbol.dispose]();
});

/** A listener that nobody accepts from, its queue full. */
function listenFull(): number {
  const listener = stack.use(listenUnix(path, 'seqpacket', 0o600));
  const fill = () => {
    for (;;) stack.use(connectUnix(path, 'seqpacket'));
  };
  expect(fill).toThrow(expect.objectContaining({ code: 'EAGAIN' }));
  return listener.fd;
}

test('gets its connection once somebody else’s is accepted', async () => {
  // This thread blocks: another one accepts.
  const program = `
    const { parentPort, workerData } = require('node:worker_threads');
    import('@vsoc/native').then(({ acceptUnix }) => {
      parentPort.postMessage('ready');
      setTimeout(() => acceptUnix(workerData)[Symbol.dispose](), 50);
    });`;
  const accepting = new Worker(program, { eval: true, execArgv: [], workerData: listenFull() });
  await once(accepting, 'message');
  using connection = connectBlocking(path, 20_000);
  expect(connection.closed).toBe(false);
  await accepting.terminate();
});

test('is EAGAIN where the queue stays full', () => {
  listenFull();
  const startMs = performance.now();
  expect(() => connectBlocking(path, 20)).toThrow(expect.objectContaining({ code: 'EAGAIN' }));
  expect(performance.now() - startMs).toBeGreaterThanOrEqual(20);
});

test('is ENOENT without a node and ENODEV without its driver', () => {
  expect(() => connectBlocking(path, 20)).toThrow(expect.objectContaining({ code: 'ENOENT', op: 'open' }));
  // The kernel leaves the file behind.
  listenUnix(path, 'seqpacket', 0o600)[Symbol.dispose]();
  expect(() => connectBlocking(path, 20)).toThrow(expect.objectContaining({ code: 'ENODEV', op: 'open' }));
});
