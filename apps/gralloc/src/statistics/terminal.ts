// The figures as text for a terminal: what the memory holds now, and what lived while it was watched.

import { hex } from '@vsoc/vsoc/layout';
import Table from 'cli-table3';
import type { Life, Recording } from './lives.js';
import type { BufferStatistics, MemoryStatistics } from './statistics.js';
import { bytesText, countText, durationText, percentText, sidesText } from './text.js';

interface Column<Row> {
  readonly head: string;
  readonly align: 'left' | 'right';
  readonly cell: (row: Row) => string;
}

type Named = Pick<BufferStatistics, 'entry' | 'generation' | 'format' | 'widthPx' | 'heightPx' | 'area'>;

const name: Column<Named> = {
  head: 'buffer',
  align: 'right',
  cell: ({ entry, generation }) => `${entry}·${generation}`,
};
const begin: Column<Named> = { head: 'begin', align: 'right', cell: ({ area }) => hex(area.beginOffset) };
const bytes: Column<Named> = {
  head: 'bytes',
  align: 'right',
  cell: ({ area }) => `${area.endOffset - area.beginOffset}`,
};
const format: Column<Named> = { head: 'format', align: 'left', cell: (row) => row.format };
const size: Column<Named> = { head: 'size', align: 'right', cell: sidesText };

const bufferColumns: readonly Column<BufferStatistics>[] = [
  name,
  begin,
  bytes,
  { ...format, cell: (row) => `${row.format}${row.agrees ? '' : ' (does not agree)'}` },
  size,
  { head: 'usage', align: 'left', cell: (row) => row.usage },
  { head: 'asked by', align: 'right', cell: ({ clientPid }) => `${clientPid}` },
  { head: 'alive', align: 'left', cell: ({ clientAlive }) => (clientAlive ? 'yes' : 'NO') },
  { head: 'age', align: 'right', cell: ({ ageNs }) => (ageNs === undefined ? '?' : durationText(ageNs)) },
  { head: 'drawn', align: 'right', cell: ({ drawn }) => `${drawn}` },
  { head: 'looked at', align: 'right', cell: ({ lookedAt }) => `${lookedAt}` },
];

export function memoryText(statistics: MemoryStatistics): string {
  const { usedBytes, freeBytes, freeRuns, largestFreeBytes, fragmentation } = statistics;
  const { buffers, malformed, overlapping } = statistics;
  const total = usedBytes + freeBytes;
  const lines = [
    `used           ${amount(usedBytes, total)} in ${countText(buffers.length, 'buffer')}`,
    `free           ${amount(freeBytes, total)} in ${countText(freeRuns.length, 'run')}`,
    `largest free   ${bytesText(largestFreeBytes)}`,
    `fragmentation  ${percentText(fragmentation)} of what is free lies outside the largest run`,
    ...(malformed > 0 ? [`malformed      ${countText(malformed, 'row')}: somebody scribbled`] : []),
    ...(overlapping > 0 ? [`overlapping    ${countText(overlapping, 'buffer')}: somebody scribbled`] : []),
  ];
  return [...lines, ...(buffers.length > 0 ? [render(bufferColumns, buffers)] : [])].join('\n');
}

export function recordingText(recording: Recording): string {
  const { lives, looks, begunNs, endedNs, unrecorded } = recording;
  const lifeColumns: readonly Column<Life>[] = [
    name,
    begin,
    bytes,
    format,
    size,
    { head: 'asked by', align: 'right', cell: ({ clientPid }) => `${clientPid}` },
    { head: 'lived', align: 'right', cell: (life) => durationText((life.endedNs ?? endedNs) - life.begunNs) },
    { head: 'still there', align: 'left', cell: (life) => (life.endedNs === undefined ? 'yes' : 'no') },
    { head: 'drawn', align: 'right', cell: ({ drawn }) => `${drawn}` },
    { head: 'looked at', align: 'right', cell: ({ lookedAt }) => `${lookedAt}` },
  ];
  const going = lives.filter((life) => life.endedNs === undefined).length;
  const lines = [
    `watched ${durationText(endedNs - begunNs)}, ${countText(looks, 'look')}: ` +
      `${countText(lives.length, 'buffer')} lived, ${going} still there`,
    ...(unrecorded > 0 ? [`and ${unrecorded} more, too many to keep`] : []),
  ];
  return [...lines, ...(lives.length > 0 ? [render(lifeColumns, lives)] : [])].join('\n');
}

function render<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  const table = new Table({
    head: columns.map(({ head }) => head),
    colAligns: columns.map(({ align }) => align),
    style: { head: [], border: [], compact: true },
  });
  for (const row of rows) table.push(columns.map(({ cell }) => cell(row)));
  return table.toString();
}

const amount = (part: number, total: number): string =>
  `${bytesText(part)} (${percentText(total === 0 ? 0 : part / total)})`;
