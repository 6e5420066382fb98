// The map: memory folded into rows, each buffer a run in its process's colour, hatched where that process is dead.
import { hex } from '@vsoc/vsoc/layout';
import type { Area } from '../areas.js';
import type { BufferStatistics, MemoryStatistics } from '../statistics/statistics.js';
import { bytesText, sidesText } from '../statistics/text.js';
import type { Colour } from './colours.js';
import { label } from './label.js';
import { outlineOf, type Rows, rectanglesOf } from './rows.js';
import { element, faintInk, ink, text } from './svg.js';

export type Colours = ReadonlyMap<number, Colour>;

export const freeFill = '#eef1f4';
const rowLine = '#dfe4e9';
const hatchId = 'dead';

export const hatchFill = `url(#${hatchId})`;
export const hatch = element(
  'defs',
  {},
  element(
    'pattern',
    {
      id: hatchId,
      width: 9,
      height: 9,
      patternUnits: 'userSpaceOnUse',
      patternTransform: 'rotate(45)',
    },
    element('rect', { width: 3, height: 9, fill: '#000000', 'fill-opacity': 0.55 }),
  ),
);

export const largestFreeStyle = {
  fill: 'none',
  stroke: ink,
  'stroke-width': 2,
  'stroke-dasharray': '7 4',
} as const;

export function memoryMap(statistics: MemoryStatistics, rows: Rows, colours: Colours): string {
  const { buffers, freeRuns, largestFree } = statistics;
  const parts = [
    ...ruler(rows),
    ...freeRuns.map((free) => run('free', rows, free, { fill: freeFill })),
    ...rowLines(rows),
    ...buffers.map((buffer) => bufferRun(buffer, rows, colours)),
    ...freeRuns.map((free) => freeLabel(free, rows, free === largestFree)),
    ...(largestFree ? [run('largest-free', rows, largestFree, largestFreeStyle)] : []),
  ];
  return element('g', { class: 'map' }, parts.join('\n'));
}

function run(name: string, rows: Rows, area: Area, style: Readonly<Record<string, string | number>>): string {
  return element('path', { class: name, d: outlineOf(rows, area), ...style });
}

function bufferRun(buffer: BufferStatistics, rows: Rows, colours: Colours): string {
  const { entry, generation, clientPid, clientAlive, area } = buffer;
  const colour = colours.get(clientPid);
  if (!colour) throw new RangeError(`process ${clientPid} has no colour`);
  const lines = [
    [`${entry}·${generation}`, `${sidesText(buffer)} ${buffer.format}${buffer.agrees ? '' : ' ?'}`],
  ].flatMap(([name = '', shape = '']) => [[name, shape], [`${name}  ${shape}`], [name]]);
  const parts = [
    run('fill', rows, area, { fill: colour.fill, stroke: colour.edge, 'stroke-width': 1 }),
    ...(clientAlive ? [] : [run('dead', rows, area, { fill: hatchFill })]),
    label(lines, rectanglesOf(rows, area), {
      fill: colour.ink,
      ...(clientAlive ? {} : { behind: colour.fill }),
    }),
  ];
  const names = {
    class: 'buffer',
    'data-entry': entry,
    'data-generation': generation,
    'data-pid': clientPid,
  };
  return element('g', names, parts.join(''));
}

function freeLabel(area: Area, rows: Rows, isLargest: boolean): string {
  const size = bytesText(area.endOffset - area.beginOffset);
  const lines = [...(isLargest ? [[`largest free run: ${size}`]] : []), [`${size} free`]];
  return label(lines, rectanglesOf(rows, area), { fill: faintInk });
}

/** Offsets beside every eighth of the map. */
function ruler({ frame, count, rowHeight, bytesPerRow, beginOffset }: Rows): string[] {
  const step = Math.max(1, Math.ceil(count / 8));
  return Array.from({ length: Math.ceil(count / step) }, (_, index) => {
    const row = index * step;
    const y = frame.y + row * rowHeight;
    const tick = { x1: frame.x - 6, x2: frame.x, y1: y + 0.5, y2: y + 0.5, stroke: faintInk };
    const style = { size: 11, fill: faintInk, anchor: 'end' } as const;
    return element('line', tick) + text(hex(beginOffset + row * bytesPerRow), frame.x - 10, y + 5, style);
  });
}

function rowLines({ frame, count, rowHeight }: Rows): string[] {
  if (count < 2) return [];
  const lines = Array.from({ length: count - 1 }, (_, index) => {
    const y = frame.y + (index + 1) * rowHeight - 0.5;
    return `M${frame.x} ${y}h${frame.width}`;
  });
  return [element('path', { d: lines.join(''), stroke: rowLine, fill: 'none' })];
}
