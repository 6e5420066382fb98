import fc from 'fast-check';
import { expect, test } from 'vitest';
import { drawPattern, pixelAt, stripHeightPx } from './pattern.js';

const sizes = fc.record({
  widthPx: fc.integer({ min: 1, max: 150 }),
  heightPx: fc.integer({ min: 1, max: 110 }),
});
const serials = fc.integer({ min: 0, max: 0xffff_ffff });

test('the drawn picture is the definition, pixel by pixel, and nothing behind the lines is touched', () => {
  fc.assert(
    fc.property(sizes, serials, fc.integer({ min: 0, max: 9 }), (size, serial, extraPx) => {
      const strideBytes = (size.widthPx + extraPx) * 4;
      const bytes = new Uint8Array(strideBytes * size.heightPx).fill(0x5a);
      drawPattern(bytes, strideBytes, serial, size);
      const view = new DataView(bytes.buffer);
      for (let y = 0; y < size.heightPx; y++) {
        for (let x = 0; x < size.widthPx + extraPx; x++) {
          const expected = x < size.widthPx ? pixelAt(x, y, serial, size) : 0x5a5a5a5a;
          if (view.getUint32(y * strideBytes + x * 4, true) !== expected) return false;
        }
      }
      return true;
    }),
    { numRuns: 60 },
  );
});

test('successive frames differ, and the strip spells the serial', () => {
  const size = { widthPx: 320, heightPx: 100 };
  fc.assert(
    fc.property(serials, (serial) => {
      let spelled = 0;
      for (let cell = 0; cell < 32; cell++) {
        const pixel = pixelAt(cell * 10 + 5, stripHeightPx - 1, serial, size);
        spelled = ((spelled << 1) | (pixel === 0xffffffff ? 1 : 0)) >>> 0;
      }
      expect(spelled).toBe(serial);
      expect(pixelAt(0, 99, serial, size)).not.toBe(pixelAt(0, 99, (serial + 1) >>> 0, size));
    }),
  );
});
