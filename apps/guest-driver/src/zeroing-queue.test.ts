/** The jobs of the zeroing worker, both ends in one thread: nothing is lost, repeated or reordered, however often it wraps. */
import { expect, test } from 'vitest';
import { nextJob, openZeroingQueue, queueLimit } from './zeroing-queue.js';

test('jobs come in the order of their posting, many times around the ring', () => {
  const queue = openZeroingQueue();
  let posted = 0;
  let seen = 0;
  for (let round = 0; round < 500; round++) {
    for (let count = 0; count < 1 + (round % 13); count++) queue.post(posted * 4096, ++posted);
    let done = 0;
    while (seen < posted) {
      const job = nextJob(queue.words);
      expect(job).toMatchObject({ windowOffset: seen * 4096, lengthBytes: seen + 1 });
      job.done();
      seen++;
      done++;
    }
    expect(queue.takeDone()).toBe(done);
  }
  expect(posted).toBeGreaterThan(3 * queueLimit);
  expect(queue.takeDone()).toBe(0);
});

test('an area in the upper half of 2 GiB keeps its offset', () => {
  const queue = openZeroingQueue();
  queue.post(2 ** 31 - 4096, 2 ** 31);
  expect(nextJob(queue.words)).toMatchObject({ windowOffset: 2 ** 31 - 4096, lengthBytes: 2 ** 31 });
});

test('a full queue takes no more until what was done has been taken', () => {
  const queue = openZeroingQueue();
  for (let count = 0; count < queueLimit; count++) expect(queue.post(count, 1)).toBe(true);
  expect(queue.post(0, 1)).toBe(false);
  nextJob(queue.words).done();
  expect(queue.post(0, 1)).toBe(false);
  expect(queue.takeDone()).toBe(1);
  expect(queue.post(0, 1)).toBe(true);
});

test('counts go on past 2³¹ and 2³²', () => {
  for (const start of [2 ** 31 - 2, 2 ** 32 - 2]) {
    const queue = openZeroingQueue();
    queue.words.fill(start, 0, 2);
    queue.takeDone();
    for (let count = 0; count < 4; count++) {
      queue.post(count, 1);
      const job = nextJob(queue.words);
      expect(job.windowOffset).toBe(count);
      job.done();
      expect(queue.takeDone()).toBe(1);
    }
  }
});
