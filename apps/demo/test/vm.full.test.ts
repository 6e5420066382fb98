// The demo with its guest in a virtual machine: the same pixels, and nothing left whatever dies.

import { expect, it } from 'vitest';
import { runDemoToEnd, startDemo } from './fixtures/real-demo.js';

const testTimeoutMs = 600_000;
const size = ['--size', '320x180'];

it(
  'the smoke test sees 60 right frames out of the machine',
  async () => {
    const { stdout, stderr, code, left } = await runDemoToEnd(['--vm', '--smoke', ...size]);
    console.log(stdout);
    expect({ code, left }, stderr).toEqual({ code: 0, left: [] });
    const result = JSON.parse(stdout);
    expect(result.frames).toBeGreaterThanOrEqual(60);
    expect(result.pixelsCompared).toBe(result.frames * 320 * 180);
    const names = (result.processes as { name: string }[]).map(({ name }) => name);
    expect(names.toSorted()).toEqual(['console', 'demo', 'ivshmem-server', 'vm']);
  },
  testTimeoutMs,
);

for (const victim of ['vm', 'QEMU'] as const) {
  it(
    `SIGKILL of ${victim} ends the run, which says so and leaves nothing`,
    async () => {
      const run = await startDemo(['--vm', ...size], 'qemuPid=');
      const [, qemuPid] = run.lines.join('\n').match(/qemuPid=(\d+)/) ?? [];
      process.kill(victim === 'vm' ? run.pidOf('vm') : Number(qemuPid), 'SIGKILL');
      expect(await run.closed).toEqual([1, null]);
      const told = victim === 'vm' ? 'demo: vm killed by SIGKILL' : 'QEMU was killed by SIGKILL';
      expect(run.lines.join('\n')).toContain(told);
      // QEMU's command line names its sockets, which are in the run directory.
      expect(await run.whatIsLeft()).toEqual([]);
    },
    testTimeoutMs,
  );
}
