/** Pictures composed of damage, against a reference that goes pixel by pixel. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { copyPicture, type Picture } from './picture.js';
import { type Rect, whole } from './rect.js';

interface Shape {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly strideBytes: number;
}

const shapes = fc
  .record({
    widthPx: fc.integer({ min: 1, max: 20 }),
    heightPx: fc.integer({ min: 1, max: 12 }),
    // Not a multiple of 4: a guest may say so.
    extraBytes: fc.integer({ min: 0, max: 9 }),
  })
  .map(({ extraBytes, ...size }): Shape => ({ ...size, strideBytes: size.widthPx * 4 + extraBytes }));

const shapesWithDamage = shapes.chain((shape) => {
  const within = (length: number) =>
    fc
      .integer({ min: 0, max: length - 1 })
      .chain((begin) => fc.integer({ min: 1, max: length - begin }).map((extent) => ({ begin, extent })));
  const rect = fc
    .tuple(within(shape.widthPx), within(shape.heightPx))
    .map(([{ begin: x, extent: width }, { begin: y, extent: height }]): Rect => ({ x, y, width, height }));
  return fc.record({
    shape: fc.constant(shape),
    damage: fc.array(rect, { maxLength: 5 }),
    seed: fc.nat(255),
  });
});

/** Bytes that differ from place to place and from seed to seed. */
function noise({ strideBytes, heightPx }: Shape, seed: number): Uint8Array {
  return Uint8Array.from({ length: strideBytes * heightPx }, (_, i) => (i * 31 + seed * 17 + (i >> 3)) & 255);
}

function sourceOf(shape: Shape, lines: Uint8Array) {
  let reads = 0;
  const bytes = () => {
    reads++;
    return lines;
  };
  return { ...shape, bytes, reads: () => reads };
}

const isInside = ({ x, y, width, height }: Rect, column: number, line: number) =>
  column >= x && column < x + width && line >= y && line < y + height;

test('damaged pixels come from the source, all others from the picture before', () => {
  fc.assert(
    fc.property(shapesWithDamage, ({ shape, damage, seed }) => {
      const lines = noise(shape, seed);
      const previous: Picture = { ...shape, rgba: noise(shape, seed + 1) };
      const before = previous.rgba.slice();
      const picture = copyPicture(sourceOf(shape, lines), damage, previous);
      expect(picture).toMatchObject(shape);
      for (let line = 0; line < shape.heightPx; line++) {
        for (let column = 0; column < shape.widthPx; column++) {
          const from = damage.some((rect) => isInside(rect, column, line)) ? lines : before;
          const at = line * shape.strideBytes + column * 4;
          expect([...picture.rgba.subarray(at, at + 4)]).toEqual([...from.subarray(at, at + 4)]);
        }
      }
      expect(previous.rgba).toEqual(before);
    }),
    { numRuns: 100 },
  );
});

test('a whole picture needs none before, and is a copy', () => {
  fc.assert(
    fc.property(shapes, fc.nat(255), (shape, seed) => {
      const lines = noise(shape, seed);
      const { rgba } = copyPicture(sourceOf(shape, lines), [whole(shape.widthPx, shape.heightPx)], undefined);
      const kept = Uint8Array.from(lines);
      lines.fill(0);
      expect(Uint8Array.from(rgba)).toEqual(kept);
    }),
    { numRuns: 50 },
  );
});

test('without damage nothing is read or copied: the bytes are those of the picture before', () => {
  const shape = { widthPx: 2, heightPx: 2, strideBytes: 8 };
  const previous: Picture = { ...shape, rgba: noise(shape, 1) };
  const source = sourceOf(shape, noise(shape, 2));
  expect(copyPicture(source, [], previous).rgba).toBe(previous.rgba);
  expect(source.reads()).toBe(0);
});
