// Lives of the guest as a host process follows them.
import { expect, test } from 'vitest';
import { createGuestEpochs } from './guest-epochs.js';

const { signal } = new AbortController();
const reason = new Error('enough');

function setUp(first = 1) {
  const epochs = createGuestEpochs(() => first);
  const follow = (options = { signal }) => epochs.follow(options)[Symbol.asyncIterator]();
  return { epochs, follow };
}

test('the one that runs comes first, then each change: 0 while none runs', async () => {
  const { epochs, follow } = setUp();
  const lives = follow();
  expect((await lives.next()).value).toBe(1);
  for (const epoch of [0, 2]) {
    const next = lives.next();
    epochs.tell(epoch);
    expect((await next).value).toBe(epoch);
  }
});

test('the latest wins, and what is the same is no change', async () => {
  const { epochs, follow } = setUp();
  const lives = follow();
  await lives.next();
  for (const epoch of [0, 2, 0, 3]) epochs.tell(epoch);
  expect((await lives.next()).value).toBe(3);
  const next = lives.next();
  epochs.tell(3);
  epochs.tell(0);
  expect((await next).value).toBe(0);
});

test('who comes later, and a second one, begin with what holds then', async () => {
  const { epochs, follow } = setUp();
  epochs.tell(0);
  expect((await follow().next()).value).toBe(0);
  expect((await follow().next()).value).toBe(0);
});

test('ends with the reason of its signal, before and in the wait', async () => {
  const { follow } = setUp();
  await expect(follow({ signal: AbortSignal.abort(reason) }).next()).rejects.toBe(reason);
  const controller = new AbortController();
  const lives = follow({ signal: controller.signal });
  await lives.next();
  const next = lives.next();
  controller.abort(reason);
  await expect(next).rejects.toBe(reason);
});

test('ends with the reason for which nobody tells any more', async () => {
  const { epochs, follow } = setUp();
  const lives = follow();
  await lives.next();
  const next = lives.next();
  epochs.end(reason);
  await expect(next).rejects.toBe(reason);
  await expect(follow().next()).rejects.toBe(reason);
});
