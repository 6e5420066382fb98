/** What a launcher hands over, taken by the same process: numbers, kinds, refusals. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DisposableStack, duplicateFd } from '@vsoc/native';
import { firstPassedFd } from '@vsoc/process/launcher';
import { assertNothingLeft, snapshot } from '@vsoc/testkit';
import { planWindow, system } from '@vsoc/vsoc/layout';
import { afterEach, describe, expect, it } from 'vitest';
import { handOverVariable, prepareHandOver, takeHandOver } from './hand-over.js';
import { echo } from './testing/echo.js';
import { openWindow } from './window.js';

const layout = planWindow([system, echo]);

afterEach(() => {
  delete process.env[handOverVariable];
});

interface Prepared extends Disposable {
  /** The variable's contents with this process's own numbers, as if it had been started with them. */
  numbers: Record<string, unknown>;
}

/** Prepares, and copies every descriptor as a start of the server would. */
function prepare(): Prepared {
  const stack = new DisposableStack();
  const folder = mkdtempSync(join(tmpdir(), 'vsoc-test-'));
  stack.defer(() => rmSync(folder, { recursive: true }));
  const handOver = stack.use(
    prepareHandOver(layout, {
      serverSocket: join(folder, 'server.sock'),
      qemuSocket: join(folder, 'qemu.sock'),
    }),
  );
  const { env, fds } = handOver.launchParts('taken');
  const copies = fds.map((fd) => duplicateFd(fd).release());
  const text = env[handOverVariable] ?? '';
  const numbers = JSON.parse(text, (_key, value) =>
    typeof value === 'number' ? copies[value - firstPassedFd] : value,
  );
  return { numbers, [Symbol.dispose]: () => stack[Symbol.dispose]() };
}

function take(numbers: unknown): ReturnType<typeof takeHandOver> {
  process.env[handOverVariable] = typeof numbers === 'string' ? numbers : JSON.stringify(numbers);
  return takeHandOver(layout.regions.length);
}

describe('a hand-over', () => {
  it('gives the server window, doorbells and sockets, and the variable to nobody after it', async () => {
    const before = snapshot();
    {
      using prepared = prepare();
      using taken = take(prepared.numbers);
      expect(process.env[handOverVariable]).toBeUndefined();
      expect(taken?.guestSeat).toBe('taken');
      expect(taken?.window.doorbells).toHaveLength(2);
      if (!taken) throw new Error('nothing was taken');
      using window = openWindow(layout, taken.window);
      expect(window.layout).toEqual(layout);
    }
    await assertNothingLeft(before);
  });

  it('is nothing where the launcher keeps nothing', () => {
    expect(takeHandOver(2)).toBeUndefined();
  });

  it.each([
    ['another seat', { guestSeat: 'mine' }, 'guestSeat is mine, expected free or taken'],
    ['another count of doorbells', { doorbells: [] }, 'expected doorbells for 2 regions, saw 0'],
    ['a standard descriptor', { window: 1 }, 'window is 1, expected a descriptor from 3 on'],
    ['text for a number', { hostSocket: '7' }, 'host socket is 7, expected a descriptor from 3 on'],
  ])('with %s is refused', (_what, change, message) => {
    using prepared = prepare();
    expect(() => take({ ...prepared.numbers, ...change })).toThrow(`${handOverVariable}: ${message}`);
  });

  it('that is no JSON is refused', () => {
    expect(() => take('window=6')).toThrow(`${handOverVariable}: expected a JSON object, saw window=6`);
  });

  it('with a descriptor of another kind is refused', () => {
    using prepared = prepare();
    const { window, hostSocket } = prepared.numbers;
    expect(() => take({ ...prepared.numbers, window: hostSocket, hostSocket: window })).toThrow(
      /window, descriptor \d+: socket, not file/,
    );
  });
});
