// The rows for people: one table, and a word about the machine where it was too restless to trust a row.
import { availableParallelism, loadavg } from 'node:os';
import Table from 'cli-table3';
import { goalMet, goalText, type MeasuredRow } from './row.js';

/** Above this spread between rounds a figure says more about the machine than about the program. */
const restless = 0.3;

export function renderTable(rows: readonly MeasuredRow[]): string {
  const table = new Table({
    head: ['name', 'unit', 'ours', 'anchor', 'anchor is', 'speed', 'goal', 'met', 'spread ours/anchor'],
    colAligns: ['left', 'left', 'right', 'right', 'left', 'right', 'left', 'left', 'right'],
    style: { head: [], border: [], compact: true },
  });
  for (const row of rows) {
    const met = { true: 'yes', false: 'NO', undefined: '' }[`${goalMet(row)}`] ?? '';
    const shares = row.spread ? `${percent(row.spread.ours)} / ${percent(row.spread.anchor)}` : '';
    const { name, unit, ours, anchor, anchorName, speed } = row;
    table.push([name, unit, ours, anchor, anchorName, `${speed} ×`, goalText(row), met, shares]);
  }
  return table.toString();
}

/** Notes under the table: each row's own, and the machine's restlessness. */
export function renderNotes(rows: readonly MeasuredRow[]): string {
  const notes = rows.flatMap(({ name, note }) => (note === undefined ? [] : [`${name}: ${note}`]));
  const noisy = rows.filter(({ spread }) => spread && Math.max(spread.ours, spread.anchor) > restless);
  const [load] = loadavg();
  notes.push(
    `Machine: ${availableParallelism()} cores, load ${load?.toFixed(1)}. Medians over alternating rounds: compare speeds, not figures.`,
  );
  if (noisy.length > 0) {
    notes.push(
      `Restless (more than ${percent(restless)} between rounds), run again: ${noisy.map(({ name }) => name).join(', ')}`,
    );
  }
  return notes.join('\n');
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
