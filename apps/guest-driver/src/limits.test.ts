/** Limits under limits: what is given out always fits beside what one message may bring. */
import { expect, test } from 'vitest';
import { channelLimit, descriptionLimit, limitsFor } from './limits.js';

test('with descriptors enough they are what they are', () => {
  expect(limitsFor(100_000)).toEqual({ channels: channelLimit, descriptions: descriptionLimit });
});

test.each([10_000, 4096, 1024, 600])('with %i descriptors all together leave room for a message', (free) => {
  const { channels, descriptions } = limitsFor(free);
  expect(2 * (channels.ofAll + descriptions.ofAll)).toBeLessThanOrEqual(free - 253);
  expect(channels.ofProcess).toBeLessThanOrEqual(channels.ofAll / 4);
});

test.each([196, 20, 0, -5])(
  'with %i there is still one of each, and half stays free where there is any',
  (free) => {
    const { channels, descriptions } = limitsFor(free);
    expect(Math.min(channels.ofProcess, descriptions.ofProcess)).toBeGreaterThanOrEqual(1);
    expect(2 * (channels.ofAll + descriptions.ofAll)).toBeLessThanOrEqual(Math.max(free / 2, 4));
  },
);
