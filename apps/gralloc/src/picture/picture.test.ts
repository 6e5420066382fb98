/** The picture holds what the figures say: to the byte in the SVG, to the colour in the PNG that is made of it. */
import fc from 'fast-check';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { pixelFormat } from '../formats.js';
import { openRecorder } from '../statistics/lives.js';
import { type MemoryStatistics, statisticsOf } from '../statistics/statistics.js';
import { liveRow, pagesArea, pictureRow, tableOf } from '../testing/table-rows.js';
import { coloursOf } from './colours.js';
import { freeFill } from './map.js';
import { mapRows, memoryPicture } from './picture.js';
import { type Rectangle, rectanglesOf } from './rows.js';

const deadPid = 300;
const isAlive = (pid: number) => pid !== deadPid;
const statisticsFor = (rows: Parameters<typeof tableOf>[0], pages: number) =>
  statisticsOf(tableOf(rows), { space: pagesArea(1, pages), isAlive });

/** Disjoint runs of pages, every second stretch between cuts, for up to three processes. */
const anyMemory = fc.integer({ min: 2, max: 20_000 }).chain((pages) =>
  fc.uniqueArray(fc.integer({ min: 1, max: pages }), { maxLength: 40 }).map((cuts) => {
    const sorted = cuts.toSorted((a, b) => a - b);
    const runs = sorted.flatMap((begin, index) => {
      const end = sorted[index + 1];
      return index % 2 === 0 && end !== undefined ? [pagesArea(begin, end)] : [];
    });
    return statisticsFor(
      runs.map((area, index) => liveRow(area, { clientPid: 100 * (1 + (index % 3)) })),
      pages,
    );
  }),
);

/** What path data encloses, by the shoelace formula: the commands that the picture uses, every subpath once around. */
function enclosed(path: string): number {
  let doubled = 0;
  for (const subpath of path.split('Z').filter(Boolean)) {
    let [x, y] = [0, 0];
    const corners: [number, number][] = [];
    for (const [, command, numbers = ''] of subpath.matchAll(/([MHVhv])([-0-9. ]+)/g)) {
      const [first = 0, second = 0] = numbers.split(' ').map(Number);
      if (command === 'M') [x, y] = [first, second];
      if (command === 'H') x = first;
      if (command === 'V') y = first;
      if (command === 'h') x += first;
      if (command === 'v') y += first;
      corners.push([x, y]);
    }
    const sum = corners.reduce((total, [x1, y1], index) => {
      const [x2, y2] = corners[(index + 1) % corners.length] ?? [0, 0];
      return total + x1 * y2 - x2 * y1;
    }, 0);
    doubled += Math.abs(sum);
  }
  return doubled / 2;
}

/** Bytes that the outlines of a class enclose. */
function bytesOf(svg: string, name: string, statistics: MemoryStatistics): number {
  const { bytesPerRow, frame, rowHeight } = mapRows(statistics);
  const paths = [...svg.matchAll(/<path class="([a-z-]+)" d="([^"]*)"/g)].filter(([, seen]) => seen === name);
  return (
    paths.reduce((total, [, , path = '']) => total + enclosed(path), 0) *
    (bytesPerRow / (frame.width * rowHeight))
  );
}

test('each buffer has its run, and runs of either kind have the bytes that the figures say', () => {
  fc.assert(
    fc.property(anyMemory, (statistics) => {
      const { svg } = memoryPicture(statistics);
      const drawn = [
        ...svg.matchAll(/<g class="buffer" data-entry="(\d+)" data-generation="1" data-pid="(\d+)"/g),
      ];
      expect(drawn.map(([, entry, pid]) => [Number(entry), Number(pid)])).toEqual(
        statistics.buffers.map(({ entry, clientPid }) => [entry, clientPid]),
      );
      // Coordinates are rounded to a thousandth of a pixel.
      const total = statistics.space.endOffset;
      const nearly = (seen: number, bytes: number) =>
        expect(Math.abs(seen - bytes) / total).toBeLessThan(1e-5);
      nearly(bytesOf(svg, 'fill', statistics), statistics.usedBytes);
      nearly(bytesOf(svg, 'free', statistics), statistics.freeBytes);
      nearly(bytesOf(svg, 'largest-free', statistics), statistics.largestFreeBytes);
    }),
    { numRuns: 60 },
  );
});

test('a byte lies in the row and column that it would have as a letter of a text', () => {
  const rows = mapRows(statisticsFor({}, 641));
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 639 }), fc.integer({ min: 1, max: 640 }), (begin, pages) => {
      const end = Math.min(640, begin + pages);
      const rectangles = rectanglesOf(rows, pagesArea(1 + begin, 1 + end));
      const pagesPerRow = rows.bytesPerRow / 4096;
      for (let page = 0; page < 640; page++) {
        const x = rows.frame.x + (((page % pagesPerRow) + 0.5) / pagesPerRow) * rows.frame.width;
        const y = rows.frame.y + (Math.floor(page / pagesPerRow) + 0.5) * rows.rowHeight;
        const holds = ({ x: left, y: top, width, height }: Rectangle) =>
          x > left && x < left + width && y > top && y < top + height;
        expect(rectangles.filter(holds)).toHaveLength(page >= begin && page < end ? 1 : 0);
      }
    }),
    { numRuns: 40 },
  );
});

test('the first seven processes have colours of their own, which do not depend on who is asked for first', () => {
  const pids = [9, 3, 70, 12, 5, 2, 41];
  const colours = coloursOf(pids);
  expect(new Set([...colours.values()].map(({ fill }) => fill)).size).toBe(7);
  expect(coloursOf(pids.toReversed())).toEqual(colours);
  expect(coloursOf(Array.from({ length: 50 }, (_, pid) => pid)).size).toBe(50);
});

test('whoever scribbles, the picture is drawn', () => {
  const row = pictureRow(4096, { format: pixelFormat.rgba8888, sidesPx: [64, 64] });
  const twice = { 0: { ...row, format: 0xffff_ffff }, 1: { ...row, owner: 7 }, 2: row };
  const { svg } = memoryPicture(statisticsFor(twice, 100));
  expect(svg).toContain('64×64 format 4294967295 ?');
  expect(svg).toContain('1 malformed row, not drawn');
  expect(svg).toContain('2 buffers overlap');
});

const scene = {
  0: pictureRow(4096, { format: pixelFormat.rgba8888, sidesPx: [640, 480] }),
  1: { ...pictureRow(0x20_0000, { format: pixelFormat.rgb565, sidesPx: [800, 600] }), clientPid: 200 },
  2: {
    ...pictureRow(0x30_0000, { format: pixelFormat.ycbcr420888, sidesPx: [1280, 720] }),
    clientPid: deadPid,
  },
};

/** Reads pixels of a decoded PNG as #rrggbb. */
async function decode(png: Uint8Array) {
  const { data, info } = await sharp(png).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return {
    widthPx: info.width,
    heightPx: info.height,
    at(x: number, y: number): string {
      const place = (Math.floor(y) * info.width + Math.floor(x)) * 3;
      return `#${data.subarray(place, place + 3).toString('hex')}`;
    },
  };
}

test('pixels of the PNG have the colour of who asked for what lies there', async () => {
  const statistics = statisticsFor(scene, 2048);
  const { svg, widthPx, heightPx } = memoryPicture(statistics);
  const pixels = await decode(await sharp(Buffer.from(svg)).png().toBuffer());
  expect([pixels.widthPx, pixels.heightPx]).toEqual([widthPx, heightPx]);
  const rows = mapRows(statistics);
  const colours = coloursOf([100, 200, deadPid]);
  /** Off the edges of what is wide enough, and left of any label. */
  const insideOf = (area: Parameters<typeof rectanglesOf>[1]) =>
    rectanglesOf(rows, area)
      .filter(({ width }) => width > 40)
      .map(({ x, y }) => [x + 5, y + rows.rowHeight / 2] as const);
  for (const { clientPid, clientAlive, area } of statistics.buffers) {
    const fill = colours.get(clientPid)?.fill;
    for (const [x, y] of insideOf(area)) {
      const line = Array.from({ length: 30 }, (_, step) => pixels.at(x + step, y));
      // A hatch lets the colour through in part.
      expect(new Set(line).size > 1).toBe(!clientAlive);
      expect(line).toContain(fill);
    }
  }
  for (const area of statistics.freeRuns)
    for (const [x, y] of insideOf(area)) expect(pixels.at(x, y)).toBe(freeFill);
});

test('lives stand below the map, one rectangle each, open where they reach beyond the watch', async () => {
  const statistics = statisticsFor(scene, 2048);
  const recorder = openRecorder(statistics.space);
  const second = (count: number) => BigInt(count) * 1_000_000_000n;
  const born = { ...scene[1], allocatedAtNs: second(12) };
  recorder.look(tableOf({ 0: scene[0] }, second(10)));
  recorder.look(tableOf({ 0: scene[0], 1: born }, second(13)));
  recorder.look(tableOf({ 1: born, 2: { ...scene[2], allocatedAtNs: second(14) } }, second(20)));
  const { svg, heightPx } = memoryPicture(statistics, recorder.recording());
  expect(heightPx).toBeGreaterThan(memoryPicture(statistics).heightPx);
  const { frame } = mapRows(statistics);
  const places = [
    ...svg.matchAll(
      /class="life" data-entry="(\d+)"[^>]*><rect x="([0-9.]+)" y="[0-9.]+" width="([0-9.]+)"/g,
    ),
  ]
    .map(([, entry, x, width]) => [
      Number(entry),
      (Number(x) - frame.x) / frame.width,
      Number(width) / frame.width,
    ])
    .sort(([a = 0], [b = 0]) => a - b);
  // Of ten seconds: 0 to 10, 2 to the end, 4 to the end.
  expect(places).toEqual([
    [0, 0, 1],
    [1, expect.closeTo(0.2, 5), expect.closeTo(0.8, 5)],
    [2, expect.closeTo(0.4, 5), expect.closeTo(0.6, 5)],
  ]);
  // Upper and lower edge, and the sides that are closed.
  const edges = [...svg.matchAll(/class="life" data-entry="(\d+)".*?<path d="([^"]*)"/g)];
  const sides = new Map(edges.map(([, entry, path = '']) => [Number(entry), path.match(/V/g)?.length ?? 0]));
  expect([sides.get(0), sides.get(1), sides.get(2)]).toEqual([1, 1, 1]);
});
