// The arithmetic that every reported figure goes through, against values worked out by hand.
import { describe, expect, it } from 'vitest';
import { median, percentile, rounded, speedOf, spread } from './statistics.js';

describe('percentile', () => {
  const hundred = Float64Array.from({ length: 100 }, (_, at) => 100 - at); // 100 … 1: order must not matter

  it('is the nearest rank, so always a sample that occurred', () => {
    expect(percentile(hundred, 50)).toBe(50);
    expect(percentile(hundred, 99)).toBe(99);
    expect(percentile([10, 20, 30], 50)).toBe(20);
    expect(percentile([10, 20, 30, 40], 50)).toBe(20);
    expect(percentile([10, 20], 99)).toBe(20);
  });

  it('has the lowest and the highest sample at its ends', () => {
    expect(percentile(hundred, 0)).toBe(1);
    expect(percentile(hundred, 100)).toBe(100);
    expect(percentile([7], 99)).toBe(7);
  });

  it('compares numbers, not their spelling', () => {
    expect(percentile([9, 10, 100], 50)).toBe(10);
  });

  it('leaves the samples in their order and refuses none and nonsense', () => {
    const samples = [3, 1, 2];
    percentile(samples, 50);
    expect(samples).toEqual([3, 1, 2]);
    expect(() => percentile([], 50)).toThrow(/no samples/);
    expect(() => percentile([1], 101)).toThrow(/101/);
    expect(() => percentile([1], Number.NaN)).toThrow(/NaN/);
  });
});

describe('median and spread', () => {
  it('takes the middle, or the mean of the middle two', () => {
    expect(median([5, 1, 3])).toBe(3);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(() => median([])).toThrow(/no values/);
  });

  it('spread is highest minus lowest over the median', () => {
    expect(spread([10, 12, 9])).toBeCloseTo(0.3);
    expect(spread([4])).toBe(0);
    expect(spread([0, 0])).toBe(0);
  });
});

describe('speed', () => {
  it('is anchor over ours for a cost, ours over anchor for a rate', () => {
    expect(speedOf('cost', 20, 10)).toBe(0.5);
    expect(speedOf('cost', 5, 10)).toBe(2);
    expect(speedOf('rate', 20, 10)).toBe(2);
    expect(speedOf('rate', 5, 10)).toBe(0.5);
    expect(speedOf('cost', 7, 7)).toBe(1);
  });

  it('refuses figures that no measurement yields', () => {
    expect(() => speedOf('cost', 0, 10)).toThrow(/positive/);
    expect(() => speedOf('rate', 1, 0)).toThrow(/positive/);
    expect(() => speedOf('cost', Number.NaN, 10)).toThrow(/positive/);
  });

  it('is handed out with four digits', () => {
    expect(rounded(0.123456)).toBe(0.1235);
    expect(rounded(123456)).toBe(123500);
  });
});
