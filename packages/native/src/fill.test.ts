import { once } from 'node:events';
import { expect, test } from 'vitest';
import { fill } from './fill.js';
import { createSealedMemfd } from './memfd.js';
import { startWorker } from './testing/worker.js';
import { mapWindow } from './window-mapping.js';

test('fill sets every byte of the view and none beside it', () => {
  using memfd = createSealedMemfd('fill', 0x1_0000);
  using window = mapWindow(memfd.fd, 0x1_0000);
  const all = new Uint8Array(window.buffer);
  fill(all.subarray(10, 20), 0xab);
  expect([...all.subarray(9, 21)]).toEqual([0, ...Array(10).fill(0xab), 0]);
});

test('a Worker fills memory that it shares', async () => {
  using memfd = createSealedMemfd('fill-worker', 0x1_0000);
  using window = mapWindow(memfd.fd, 0x1_0000);
  const worker = startWorker('fill', { buffer: window.buffer, value: 7 });
  await once(worker, 'exit');
  expect(new Uint8Array(window.buffer).every((byte) => byte === 7)).toBe(true);
});

test('an empty view is fine, a value beyond a byte and another type are not', () => {
  fill(new Uint8Array(0), 1);
  expect(() => fill(new Uint8Array(1), 256)).toThrow(/0 to 255, seen 256/);
  expect(() => fill(new Int32Array(1) as unknown as Uint8Array, 0)).toThrow(/Uint8Array, seen Int32Array/);
});
