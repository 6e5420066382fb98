// Beside the map: whose colour is whose, and what the other marks mean.
import type { Recording } from '../statistics/lives.js';
import type { MemoryStatistics } from '../statistics/statistics.js';
import { bytesText, countText } from '../statistics/text.js';
import { type Colours, freeFill, hatchFill, largestFreeStyle } from './map.js';
import { type Attributes, element, faintInk, ink, text } from './svg.js';

export interface LegendPlace {
  readonly x: number;
  readonly y: number;
  readonly recording: Recording | undefined;
}

/** What the smallest map has room for beside it. */
const mostProcesses = 12;
const processHeight = 42;
const markHeight = 26;
const swatch = { width: 26, height: 18 };

export function legend(
  statistics: MemoryStatistics,
  colours: Colours,
  { x, y, recording }: LegendPlace,
): string {
  const pids = [...colours.keys()];
  const shown = pids.slice(0, mostProcesses);
  const left = pids.length - shown.length;
  const processes = shown.map((pid, index) => {
    const top = y + 34 + index * processHeight;
    return process(statistics, pid, { x, y: top, fill: colours.get(pid)?.fill ?? ink });
  });
  const below = y + 34 + shown.length * processHeight;
  const parts = [
    text('Processes that asked', x, y + 8, { size: 14, weight: 'bold' }),
    ...processes,
    ...(left > 0 ? [text(`and ${left} more`, x, below + 4, { size: 12, fill: faintInk })] : []),
    ...marks(statistics, { x, y: below + (left > 0 ? 38 : 14), recording }),
  ];
  return element('g', { class: 'legend' }, parts.join('\n'));
}

function process(
  { buffers }: MemoryStatistics,
  pid: number,
  { x, y, fill }: { readonly x: number; readonly y: number; readonly fill: string },
): string {
  const own = buffers.filter(({ clientPid }) => clientPid === pid);
  const isDead = own.some(({ clientAlive }) => !clientAlive);
  const bytes = own.reduce((total, { areaBytes }) => total + areaBytes, 0);
  const state = isDead ? ', dead' : '';
  const figures = own.length === 0 ? 'none now' : `${countText(own.length, 'buffer')}, ${bytesText(bytes)}`;
  return [
    box({ x, y: y - 3, fill }),
    isDead ? box({ x, y: y - 3, fill: hatchFill }) : '',
    text(`pid ${pid}${state}`, x + 36, y, { size: 13 }),
    text(figures, x + 36, y + 17, { size: 12, fill: faintInk }),
  ].join('');
}

function marks({ buffers, malformed, overlapping }: MemoryStatistics, place: LegendPlace): string[] {
  const { x, y, recording } = place;
  const dead = buffers.some(({ clientAlive }) => !clientAlive);
  const rows: (readonly [string, Attributes | undefined, Attributes?])[] = [
    ['free', { fill: freeFill }],
    ['largest free run', largestFreeStyle],
    ...(dead ? [['asker dead, another holds it', { fill: '#ffffff' }, { fill: hatchFill }] as const] : []),
    ...(malformed > 0 ? [[`${countText(malformed, 'malformed row')}, not drawn`, undefined] as const] : []),
    ...(overlapping > 0 ? [[`${countText(overlapping, 'buffer')} overlap`, undefined] as const] : []),
    ...(recording && recording.unrecorded > 0
      ? [[`${countText(recording.unrecorded, 'life', 'lives')} too many to draw`, undefined] as const]
      : []),
  ];
  return rows.map(([words, style, over], index) => {
    const top = y + index * markHeight;
    const boxes = [style, over].map((one) => (one ? box({ x, y: top - 9, ...one }) : ''));
    return boxes.join('') + text(words, style ? x + 36 : x, top, { size: 12, fill: ink });
  });
}

const box = (attributes: Attributes): string =>
  element('rect', { ...swatch, stroke: '#9aa5b1', 'stroke-width': 0.5, ...attributes });
