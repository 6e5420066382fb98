// The memory as a picture: a map of gralloc_memory, which process has what of it, and below, when it was watched, the
// lives of its buffers. A pure string of SVG; a program makes a PNG of it.
import type { Recording } from '../statistics/lives.js';
import type { MemoryStatistics } from '../statistics/statistics.js';
import { bytesText, countText, percentText } from '../statistics/text.js';
import { coloursOf } from './colours.js';
import { legend } from './legend.js';
import { livesChart } from './lives.js';
import { hatch, memoryMap } from './map.js';
import { rowsOf } from './rows.js';
import { element, faintInk, ink, paper, text } from './svg.js';

export interface Picture {
  readonly svg: string;
  readonly widthPx: number;
  readonly heightPx: number;
}

export const widthPx = 1440;
const margin = 28;
const mapWidth = 1024;
const headHeight = 84;
const captionHeight = 40;
const livesHeight = 300;

/** Where the map's rows lie, from the picture's upper left corner. */
export const mapRows = ({ space }: MemoryStatistics) =>
  rowsOf({ space, mostRows: 64, x: 104, y: headHeight, width: mapWidth, height: 768 });

export function memoryPicture(statistics: MemoryStatistics, recording?: Recording): Picture {
  const rows = mapRows(statistics);
  const { frame } = rows;
  const lived = recording?.lives ?? [];
  const colours = coloursOf([...statistics.buffers, ...lived].map(({ clientPid }) => clientPid));
  const mapBottom = frame.y + frame.height + captionHeight;
  const livesFrame = { ...frame, y: mapBottom + 44, height: livesHeight };
  const heightPx = recording ? livesFrame.y + livesHeight + captionHeight + margin : mapBottom + margin / 2;
  const legendX = frame.x + frame.width + margin;
  const caption = `${bytesText(rows.bytesPerRow)} a row, read like text. Labels: entry·generation, size, format.`;
  const parts = [
    hatch,
    element('rect', { width: widthPx, height: heightPx, fill: paper }),
    ...head(statistics),
    memoryMap(statistics, rows, colours),
    text(caption, frame.x, frame.y + frame.height + 18, { size: 12, fill: faintInk }),
    legend(statistics, colours, { x: legendX, y: frame.y, recording }),
    ...(recording ? [livesChart(recording, statistics.space, { frame: livesFrame, colours, legendX })] : []),
  ];
  const root = {
    xmlns: 'http://www.w3.org/2000/svg',
    width: widthPx,
    height: heightPx,
    viewBox: `0 0 ${widthPx} ${heightPx}`,
    'font-family': 'DejaVu Sans, Verdana, Liberation Sans, Arial, sans-serif',
  };
  return { svg: element('svg', root, parts.join('\n')), widthPx, heightPx };
}

function head(statistics: MemoryStatistics): string[] {
  const { usedBytes, freeBytes, freeRuns, largestFreeBytes, fragmentation, buffers } = statistics;
  const figures = [
    `used ${bytesText(usedBytes)} of ${bytesText(usedBytes + freeBytes)} by ${countText(buffers.length, 'buffer')}`,
    `free ${bytesText(freeBytes)} in ${countText(freeRuns.length, 'run')}, the largest ${bytesText(largestFreeBytes)}`,
    `fragmentation ${percentText(fragmentation)}`,
  ];
  return [
    text('gralloc_memory', margin, 32, { size: 20, weight: 'bold', fill: ink }),
    text(figures.join('  ·  '), margin, 60, { size: 14, fill: ink }),
  ];
}
