// Alternation: the order in which the sides run, what is thrown away, and what is reported of the rest.
import { expect, it } from 'vitest';
import { alternate, type Contestant } from './alternate.js';

/** Yields the given figures one after the other and writes down when it was asked. */
function scripted(name: string, figures: readonly number[], order: string[]): Contestant<'ns'> {
  const left = [...figures];
  return {
    async round() {
      order.push(name);
      const ns = left.shift();
      if (ns === undefined) throw new Error(`${name} was asked more often than expected`);
      return { ns };
    },
  };
}

const { signal } = new AbortController();

it('runs the sides in turn and leaves the first round of each out', async () => {
  const order: string[] = [];
  const sides = {
    ours: scripted('A', [999, 3, 1, 2], order),
    anchor: scripted('B', [999, 40, 60, 50], order),
  };
  const { ns } = await alternate(sides, { rounds: 3, signal });
  expect(order.join(' ')).toBe('A B A B A B A B');
  expect(ns).toEqual({ ours: 2, anchor: 50, spread: { ours: 1, anchor: 0.4 } });
});

it('one round interrupted does not move the median', async () => {
  const sides = { ours: scripted('A', [1, 10, 9000, 10], []), anchor: scripted('B', [1, 10, 10, 10], []) };
  const { ns } = await alternate(sides, { rounds: 3, signal });
  expect(ns.ours).toBe(10);
});

it('stops between two rounds when it is aborted', async () => {
  const aborter = new AbortController();
  const order: string[] = [];
  const anchor = scripted('B', [1, 1, 1], order);
  const ours: Contestant<'ns'> = {
    async round() {
      order.push('A');
      aborter.abort(new Error('enough'));
      return { ns: 1 };
    },
  };
  await expect(alternate({ ours, anchor }, { rounds: 2, signal: aborter.signal })).rejects.toThrow('enough');
  expect(order).toEqual(['A']);
});

it('refuses to report without a round', async () => {
  const sides = { ours: scripted('A', [1], []), anchor: scripted('B', [1], []) };
  await expect(alternate(sides, { rounds: 0, signal })).rejects.toThrow(/rounds is 0/);
});
