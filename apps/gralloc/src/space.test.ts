/** Where buffers can lie, for whatever region a valid window may describe. */
import { expect, test } from 'vitest';
import { isAreaOf, spaceOf } from './space.js';

const memory = (offsetOfRegionData: number) => ({
  describe: async () => ({ offsetOfRegionData, regionBeginOffset: 0x3000, regionEndOffset: 0x9000 }) as never,
});

test.each([
  [0x1000, 0x1000],
  [0x1004, 0x2000],
  [0x1fc0, 0x2000],
  [0x2000, 0x2000],
])(
  'data at 0x%x: areas are whole pages, so the first one begins at 0x%x',
  async (dataOffset, beginOffset) => {
    expect(await spaceOf(memory(dataOffset))).toEqual({ beginOffset, endOffset: 0x6000 });
  },
);

test('areas are whole pages inside it', () => {
  const space = { beginOffset: 0x1000, endOffset: 0x6000 };
  const at = (beginOffset: number, endOffset: number) => isAreaOf(space, { beginOffset, endOffset });
  expect([at(0x1000, 0x6000), at(0x5000, 0x6000)]).toEqual([true, true]);
  const wrong = [at(0, 0x2000), at(0x5000, 0x7000), at(0x2000, 0x2000), at(0x3000, 0x2000)];
  expect([...wrong, at(0x1004, 0x2000), at(0x1000, 0x2004)]).toEqual(Array(6).fill(false));
});
