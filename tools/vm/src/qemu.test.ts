// Those parts of the command line that were learnt the hard way.

import { expect, it } from 'vitest';
import { machineArguments } from './qemu.js';

const options = {
  kernel: 'vmlinux',
  initramfs: 'root.cpio',
  script: 'programs.sh',
  checkout: '/a,b',
  qemuSocket: 'qemu.sock',
  vectors: 4,
  ports: { log: 'l', result: 'r', control: 'c' },
  accelerator: 'tcg',
} as const;

it('locked instructions are atomic against the host: two possible processors, a thread for each', () => {
  const line = machineArguments(options).join(' ');
  expect(line).toContain('-smp 1,maxcpus=2');
  expect(line).toContain('-accel tcg,thread=multi');
});

it('the guest sees the checkout alone, read-only, whatever its name', () => {
  const line = machineArguments(options).join(' ');
  expect(line.match(/-fsdev \S+/g)).toEqual([
    '-fsdev local,id=checkout,path=/a,,b,security_model=none,readonly=on',
  ]);
  expect(line).not.toMatch(/-netdev|-nic|-drive/);
});
