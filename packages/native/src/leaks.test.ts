import { expect, test, vi } from 'vitest';
import { viewArea } from './area-view.js';
import { createPipe, createSocketPair, duplicateFd } from './descriptors.js';
import { DisposableStack } from './disposable-stack.js';
import { createEventfd } from './eventfd.js';
import { createSealedMemfd } from './memfd.js';
import { receiveMessage, sendMessage } from './message.js';
import { liveResources } from './resources.js';
import { countFds, isMapped } from './testing/proc.js';
import { watch } from './watch.js';
import { mapWindow } from './window-mapping.js';

/** One of everything that owns something. */
function openAll(scope: DisposableStack): void {
  const memfd = scope.use(createSealedMemfd('leak-check', 0x1_0000));
  const window = scope.use(mapWindow(memfd.fd, 0x1_0000));
  scope.use(viewArea(window.buffer, { offsetBytes: 0, lengthBytes: 0x1000 }));
  const doorbell = scope.use(createEventfd());
  scope.use(watch(doorbell.fd, 'edge', () => {}));
  const { read, write } = createPipe();
  scope.use(read);
  scope.use(duplicateFd(scope.use(write).fd));
  const [first, second] = createSocketPair('seqpacket');
  scope.use(second);
  sendMessage(scope.use(first).fd, Uint8Array.of(1), [doorbell.fd]);
  const message = receiveMessage(second.fd, new Uint8Array(1));
  if (message !== 'would-block') for (const fd of message.fds) scope.use(fd);
}

test('what was disposed is gone from the kernel and from the book, many times over', () => {
  const before = countFds();
  for (let turn = 0; turn < 100; turn++) {
    using scope = new DisposableStack();
    openAll(scope);
    expect(liveResources().length).toBe(11);
  }
  expect(countFds()).toBe(before);
  expect(liveResources()).toEqual([]);
  expect(isMapped('memfd:leak-check')).toBe(false);
});

test('the book names what is open, without stacks by default', () => {
  using scope = new DisposableStack();
  openAll(scope);
  expect(liveResources()).toContainEqual({ kind: 'descriptor', what: 'memfd leak-check', stack: '' });
  expect(liveResources().map(({ kind }) => kind)).toEqual(
    expect.arrayContaining(['window mapping', 'area view', 'watch']),
  );
});

test('with VSOC_TRACK_LEAKS=1 the book says where it was made', async () => {
  vi.stubEnv('VSOC_TRACK_LEAKS', '1');
  vi.resetModules();
  const tracked = await import('./index.js');
  using _doorbell = tracked.createEventfd();
  expect(tracked.liveResources()[0]?.stack).toContain('leaks.test.ts');
});
