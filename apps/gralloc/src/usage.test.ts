/** Usage bits one by one, by Android's numbers. */
import { expect, test } from 'vitest';
import { isForCpu, isForHost, unservedBits, usage } from './usage.js';

/** Of hardware/gralloc.h: those that something here serves, and whom they let at the bytes. */
const served = new Map<number, { name: string; cpu: boolean; host: boolean }>([
  [0x1, { name: 'SW_READ, 1', cpu: true, host: false }],
  [0x2, { name: 'SW_READ_RARELY', cpu: true, host: false }],
  [0x4, { name: 'SW_READ, 4', cpu: true, host: false }],
  [0x8, { name: 'SW_READ, 8', cpu: true, host: false }],
  [0x10, { name: 'SW_WRITE, 1', cpu: true, host: false }],
  [0x20, { name: 'SW_WRITE_RARELY', cpu: true, host: false }],
  [0x40, { name: 'SW_WRITE, 4', cpu: true, host: false }],
  [0x80, { name: 'SW_WRITE, 8', cpu: true, host: false }],
  [0x800, { name: 'HW_COMPOSER', cpu: false, host: true }],
  [0x2_0000, { name: 'HW_CAMERA_WRITE', cpu: false, host: true }],
]);
const bits = Array.from({ length: 32 }, (_, place) => 2 ** place);

test('the names stand for Android’s numbers', () => {
  expect(usage).toEqual({ cpuRead: 3, cpuWrite: 0x30, hostRead: 0x800, hostWrite: 0x2_0000 });
});

test.each(bits)('bit %i is served or named as unserved, and lets in whom it says', (bit) => {
  const { cpu, host } = served.get(bit) ?? { cpu: false, host: false };
  expect([isForCpu(bit), isForHost(bit)]).toEqual([cpu, host]);
  expect(unservedBits(bit)).toBe(served.has(bit) ? 0 : bit);
});

test('of several bits each keeps its meaning', () => {
  const all = 0xffff_ffff;
  expect([isForCpu(all), isForHost(all)]).toEqual([true, true]);
  const servedSum = [...served.keys()].reduce((sum, bit) => sum + bit, 0);
  expect(unservedBits(all)).toBe(all - servedSum);
  expect(unservedBits(servedSum)).toBe(0);
  expect(unservedBits(usage.cpuRead | usage.hostWrite | 0x100 | 0x200)).toBe(0x300);
  expect([isForCpu(usage.hostRead | 0x100), isForHost(usage.cpuWrite | 0x100)]).toEqual([false, false]);
});

test('usage for nobody is served: a descriptor to pass on', () => {
  expect([isForCpu(0), isForHost(0), unservedBits(0)]).toEqual([false, false, 0]);
});
