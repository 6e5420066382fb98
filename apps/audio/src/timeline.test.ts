// Positions and gaps: every frame of a stream is heard once or counted as missing once.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openTimeline } from './timeline.js';

test('a stream heard from its beginning has no gaps', () => {
  const timeline = openTimeline();
  expect(timeline.take(160)).toEqual({ positionFrames: 0, gapFrames: 0 });
  expect(timeline.take(160)).toEqual({ positionFrames: 160, gapFrames: 0 });
});

test('what was before one came is a gap', () => {
  const timeline = openTimeline(700, 100);
  expect(timeline.hasDropped(100)).toBe(false);
  expect(timeline.take(160)).toEqual({ positionFrames: 800, gapFrames: 800 });
  expect(timeline.take(160)).toEqual({ positionFrames: 960, gapFrames: 0 });
});

test('what was dropped and what was passed over is one gap, before the next period', () => {
  const timeline = openTimeline();
  timeline.take(160);
  expect(timeline.hasDropped(320)).toBe(true);
  timeline.lose(80, 320);
  expect(timeline.hasDropped(320)).toBe(false);
  expect(timeline.take(160)).toEqual({ positionFrames: 560, gapFrames: 400 });
});

test("the producer's count of drops wraps", () => {
  const timeline = openTimeline();
  timeline.lose(0, 2 ** 32 - 100);
  timeline.take(1);
  timeline.lose(0, 60);
  expect(timeline.take(1)).toMatchObject({ gapFrames: 160 });
});

test('positions are what was taken and lost before, whatever happens in which order', () => {
  const step = fc.record({ passed: fc.nat(9000), dropped: fc.nat(2 ** 31), taken: fc.nat(9000) });
  fc.assert(
    fc.property(fc.nat(1e9), fc.nat(1e9), fc.array(step), (passedFrames, droppedFrames, steps) => {
      const timeline = openTimeline(passedFrames, droppedFrames);
      let [position, dropped, missing, heard] = [passedFrames + droppedFrames, droppedFrames, 0, 0];
      for (const { passed, dropped: more, taken } of steps) {
        dropped = (dropped + more) >>> 0;
        if (timeline.hasDropped(dropped)) {
          timeline.lose(passed, dropped);
          position += passed + more;
        }
        const { positionFrames, gapFrames } = timeline.take(taken);
        expect(positionFrames).toBe(position);
        missing += gapFrames;
        heard += taken;
        position += taken;
      }
      if (steps.length > 0) expect(missing + heard).toBe(position);
    }),
  );
});
