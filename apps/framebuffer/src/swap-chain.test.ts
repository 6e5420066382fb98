/** Which buffer may be drawn into, over a guest half that is played here: the rules, one by one. */
import { describe, expect, test } from 'vitest';
import type { Framebuffer, FrameSource } from './guest.js';
import { shownFormat } from './layout.js';
import { openSwapChain } from './swap-chain.js';

const buffers = ['a', 'b', 'c'].map((name, entry) => ({
  name,
  reference: { epoch: 1, entry, generation: 1 },
  widthPx: 4,
  heightPx: 4,
  format: shownFormat,
}));
const shown = { drawnAtNs: 0n };

/** A guest half whose host half is told what to do by the test. */
function playedFramebuffer() {
  const host = { generation: 0, released: 0 };
  const waits: { seen: number; end: (outcome: 'changed' | 'timed-out') => void }[] = [];
  let serial = 0;
  const framebuffer: Framebuffer = {
    get nextSerial() {
      return serial + 1;
    },
    present: (_source: FrameSource) => ++serial,
    isReleased: (asked) => ((host.released - asked) | 0) >= 0,
    hostGeneration: () => host.generation,
    lastReleased: () => host.released,
    untilRelease: (seen, { signal } = {}) =>
      new Promise((resolve, reject) => {
        waits.push({ seen, end: resolve });
        signal?.addEventListener('abort', () => reject(signal.reason));
      }),
    [Symbol.dispose]() {},
  };
  return { framebuffer, host, waits };
}

/** Acquires and presents `count` buffers, none of which has to be waited for. */
async function show(chain: ReturnType<typeof openSwapChain<(typeof buffers)[number]>>, count: number) {
  const names: string[] = [];
  for (let i = 0; i < count; i++) {
    const buffer = await chain.acquire({});
    names.push(buffer.name);
    chain.present(buffer, shown);
  }
  return names.join('');
}

test('fewer than two buffers are refused', () => {
  const { framebuffer } = playedFramebuffer();
  expect(() => openSwapChain(framebuffer, buffers.slice(0, 1))).toThrow('at least 2 buffers, not 1');
});

describe('without a host half', () => {
  test('every buffer but the one on show is free, for ever', async () => {
    const { framebuffer } = playedFramebuffer();
    expect(await show(openSwapChain(framebuffer, buffers), 6)).toBe('ababab');
  });
});

describe('with a host half', () => {
  test('a buffer is free once its frame is released, and never while it is on show', async () => {
    const { framebuffer, host, waits } = playedFramebuffer();
    host.generation = 1;
    const chain = openSwapChain(framebuffer, buffers);
    expect(await show(chain, 3)).toBe('abc');
    const acquired = chain.acquire({});
    await expect.poll(() => waits.length).toBe(1);
    host.released = 1;
    waits.pop()?.end('changed');
    expect((await acquired).name).toBe('a');
    host.released = 3;
    expect(await show(chain, 3)).toBe('abc');
    // Everything is read, the newest frame too: it stays on show all the same.
    host.released = 6;
    expect(await show(chain, 1)).toBe('a');
    host.released = 7;
    expect(await show(chain, 1)).toBe('b');
  });

  test('a release between the look at the buffers and the wait is not slept through', async () => {
    const { framebuffer, host, waits } = playedFramebuffer();
    host.generation = 1;
    const chain = openSwapChain(framebuffer, buffers);
    await show(chain, 3);
    const isReleased = framebuffer.isReleased;
    let looks = 0;
    framebuffer.isReleased = (serial) => {
      const was = isReleased(serial);
      if (++looks === buffers.length - 1) host.released = 3;
      return was;
    };
    void chain.acquire({}).catch(() => {});
    await expect.poll(() => waits.length).toBe(1);
    // The wait is for a change from what was there before the look: it has changed already.
    expect(waits[0]?.seen).not.toBe(host.released);
  });

  test('one that releases nothing in time is taken for gone, until it releases again', async () => {
    const { framebuffer, host, waits } = playedFramebuffer();
    host.generation = 1;
    const chain = openSwapChain(framebuffer, buffers);
    await show(chain, 3);
    const acquired = chain.acquire({});
    await expect.poll(() => waits.length).toBe(1);
    waits.pop()?.end('timed-out');
    expect((await acquired).name).toBe('a');
    chain.present(await acquired, shown);
    expect(await show(chain, 3)).toBe('bab');
    host.released = 7;
    expect(await show(chain, 3)).toBe('abc');
    // Back in the ordinary course: what is not released is waited for.
    void chain.acquire({}).catch(() => {});
    await expect.poll(() => waits.length).toBe(1);
  });

  test('a new one knows nothing of the frames before: their buffers are free', async () => {
    const { framebuffer, host } = playedFramebuffer();
    host.generation = 1;
    const chain = openSwapChain(framebuffer, buffers);
    expect(await show(chain, 3)).toBe('abc');
    host.generation = 2;
    expect(await show(chain, 2)).toBe('ab');
  });

  test('an abort ends the wait with its reason', async () => {
    const { framebuffer, host, waits } = playedFramebuffer();
    host.generation = 1;
    const chain = openSwapChain(framebuffer, buffers);
    await show(chain, 3);
    const ending = new AbortController();
    const acquired = chain.acquire({ signal: ending.signal });
    await expect.poll(() => waits.length).toBe(1);
    ending.abort(new Error('the end'));
    await expect(acquired).rejects.toThrow('the end');
    await expect(chain.acquire({ signal: ending.signal })).rejects.toThrow('the end');
  });

  test('serials wrap', async () => {
    const { framebuffer, host, waits } = playedFramebuffer();
    host.generation = 1;
    let serial = 0xffff_fffd;
    framebuffer.present = () => {
      serial = (serial + 1) >>> 0;
      return serial;
    };
    host.released = 0xffff_fffd;
    const chain = openSwapChain(framebuffer, buffers);
    expect(await show(chain, 3)).toBe('abc');
    const acquired = chain.acquire({});
    await expect.poll(() => waits.length).toBe(1);
    host.released = 0;
    waits.pop()?.end('changed');
    expect((await acquired).name).toBe('a');
  });
});
