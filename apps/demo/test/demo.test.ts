// The whole system with every process in it: pixels arrive as they were drawn, and whatever dies, nothing stays.

import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { runDemoToEnd, startDemo } from './fixtures/real-demo.js';

const names = ['ivshmem-server', 'guest-driver', 'console', 'gralloc', 'player'];
const small = ['--size', '320x180'];

it('the smoke test sees 60 right frames from six processes and prints one line of JSON', async () => {
  const { stdout, stderr, code, left } = await runDemoToEnd(['--smoke', ...small]);
  expect(stderr).not.toContain('failed');
  expect(code).toBe(0);
  expect(stdout.trimEnd().split('\n')).toHaveLength(1);
  const result = JSON.parse(stdout);
  expect(result.frames).toBeGreaterThanOrEqual(60);
  expect(result.pixelsCompared).toBe(result.frames * 320 * 180);
  expect(result.fps).toBeGreaterThan(0);
  expect(result.latencyMs.p50).toBeGreaterThan(0);
  expect(result.latencyMs.p99).toBeGreaterThanOrEqual(result.latencyMs.p50);
  const processes = result.processes as { name: string; pid: number }[];
  expect(processes.map(({ name }) => name).toSorted()).toEqual(['demo', ...names].toSorted());
  expect(new Set(processes.map(({ pid }) => pid)).size).toBe(6);
  expect(left).toEqual([]);
});

it('a wrong word is answered, nothing is started', async () => {
  const { stdout, stderr, code, left } = await runDemoToEnd(['--size', 'huge']);
  expect({ stdout, code, left }).toEqual({ stdout: '', code: 1, left: [] });
  expect(stderr).toContain('demo: --size huge: expected WIDTHxHEIGHT');
});

it('Ctrl-C ends the real programs, too, with code 0', async () => {
  const run = await startDemo(small);
  run.demo.kill('SIGINT');
  expect(await run.closed).toEqual([0, null]);
  expect(await run.whatIsLeft()).toEqual([]);
});

describe('SIGKILL', () => {
  for (const name of names) {
    it(`of ${name} ends the run, which says so and leaves nothing`, async () => {
      const run = await startDemo(small);
      process.kill(run.pidOf(name), 'SIGKILL');
      expect(await run.closed).toEqual([1, null]);
      expect(run.lines.join('\n')).toContain(`demo: ${name} killed by SIGKILL`);
      expect(await run.whatIsLeft()).toEqual([]);
    });
  }

  it('of the supervisor leaves nothing', async () => {
    const run = await startDemo(small);
    run.demo.kill('SIGKILL');
    await once(run.demo, 'exit');
    expect(await run.whatIsLeft()).toEqual([]);
  });
});
