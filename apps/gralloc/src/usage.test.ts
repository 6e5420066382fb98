/** Usage bits one by one, by Android's numbers. */
import { expect, test } from 'vitest';
import { isForCpu, isForHost, problemOfUsage, usage } from './usage.js';

/** Of hardware/gralloc.h: those that something here serves, and whom they let at the bytes. */
const served = new Map<number, { name: string; cpu: boolean; host: boolean }>([
  [0x2, { name: 'SW_READ_RARELY', cpu: true, host: false }],
  [0x3, { name: 'SW_READ_OFTEN', cpu: true, host: false }],
  [0x20, { name: 'SW_WRITE_RARELY', cpu: true, host: false }],
  [0x30, { name: 'SW_WRITE_OFTEN', cpu: true, host: false }],
  [0x800, { name: 'HW_COMPOSER', cpu: false, host: true }],
  [0x2_0000, { name: 'HW_CAMERA_WRITE', cpu: false, host: true }],
]);
const bits = Array.from({ length: 32 }, (_, place) => 2 ** place);

test('the names stand for Android’s numbers', () => {
  expect(usage).toEqual({ cpuRead: 3, cpuWrite: 0x30, hostRead: 0x800, hostWrite: 0x2_0000 });
});

test.each([...served])('0x%x is served, and lets in whom it says', (value, { cpu, host }) => {
  expect([isForCpu(value), isForHost(value), problemOfUsage(value)]).toEqual([cpu, host, undefined]);
});

test.each(bits.filter((bit) => bit > 0x80 && !served.has(bit)))('bit 0x%x is refused, by name', (bit) => {
  const text = `expected usage bits among 0x208ff, which something here serves; saw 0x${bit.toString(16)}`;
  expect(problemOfUsage(bit)).toBe(text);
  expect(problemOfUsage((bit | usage.cpuRead | usage.hostWrite) >>> 0)).toBe(text);
});

test('of the CPU’s values all but 0, 2 and 3 are refused: they are values, not bits', () => {
  for (let value = 0; value < 16; value++) {
    const refused = ![0, 2, 3].includes(value);
    const text = (what: string) =>
      refused
        ? `expected 0, 2 (rarely) or 3 (often) as usage by the CPU to ${what}; saw ${value}`
        : undefined;
    expect(problemOfUsage(value | usage.cpuWrite | usage.hostRead)).toBe(text('read'));
    expect(problemOfUsage((value << 4) | usage.cpuRead)).toBe(text('write'));
  }
});

test('of several bits each keeps its meaning', () => {
  const all = 0xffff_ffff;
  expect([isForCpu(all), isForHost(all)]).toEqual([true, true]);
  expect(problemOfUsage(all)).toContain('saw 0xfffdf700');
  expect([isForCpu(usage.hostRead | 0x100), isForHost(usage.cpuWrite | 0x100)]).toEqual([false, false]);
});

test('usage for nobody is served: a descriptor to pass on', () => {
  expect([isForCpu(0), isForHost(0), problemOfUsage(0)]).toEqual([false, false, undefined]);
});
