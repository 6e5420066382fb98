// Rows, goals, the choice by name, and the table's words about them.
import { expect, it } from 'vitest';
import { type Bench, selectBenches } from './bench.js';
import { goalMet, goalRow, goalText, row, toJsonRow } from './row.js';
import { renderNotes, renderTable } from './table.js';

const futex = row({
  name: 'signal/futex/p50',
  unit: 'µs',
  ours: 14,
  anchor: 13.2,
  anchorName: 'C futex',
  goal: { timesAnchor: 1.1 },
});

it('a row carries its speed, and JSON exactly the six fields', () => {
  expect(toJsonRow(futex)).toEqual({
    name: 'signal/futex/p50',
    unit: 'µs',
    ours: 14,
    anchor: 13.2,
    anchorName: 'C futex',
    speed: 0.9429,
  });
});

it('a goal is a bound or a multiple of the anchor, and turns round for a rate', () => {
  expect(goalMet(futex)).toBe(true);
  expect(goalText(futex)).toBe('≤ 1.1 × anchor');
  expect(goalMet({ ...futex, ours: 14.6 })).toBe(false);
  const ring = row({
    ...futex,
    direction: 'rate',
    unit: 'GB/s',
    ours: 4,
    anchor: 5,
    goal: { timesAnchor: 0.8 },
  });
  expect([ring.speed, goalMet(ring), goalText(ring)]).toEqual([0.8, true, '≥ 0.8 × anchor']);
  const start = goalRow({ name: 'budget/start', unit: 's', ours: 20, goal: 15 });
  expect([start.anchorName, start.speed, goalMet(start)]).toEqual(['goal', 0.75, false]);
  const { goal: _, ...aimless } = futex;
  expect([goalMet(aimless), goalText(aimless)]).toEqual([undefined, '']);
});

it('the table shows every row, and the notes which of them the machine spoilt', () => {
  const noisy = { ...futex, spread: { ours: 0.1, anchor: 0.9 }, note: 'a note' };
  expect(renderTable([futex])).toMatch(/signal\/futex\/p50.*µs.*14.*13\.2.*C futex.*0\.9429 ×.*yes/);
  expect(renderNotes([noisy])).toMatch(/signal\/futex\/p50: a note[\s\S]*Restless.*signal\/futex\/p50/);
  expect(renderNotes([futex])).not.toMatch(/Restless/);
});

it('a name chooses a suite or a bench; any other is refused with the list', () => {
  const bench = (name: string): Bench => ({ name, about: `about ${name}`, run: async () => [] });
  const all = ['signal/futex', 'signal/table', 'budget/start'].map(bench);
  const names = (only?: string) => selectBenches(all, only).map(({ name }) => name);
  expect(names()).toEqual(['signal/futex', 'signal/table', 'budget/start']);
  expect(names('signal')).toEqual(['signal/futex', 'signal/table']);
  expect(names('budget/start')).toEqual(['budget/start']);
  const besides = [{ ...bench('claim/free'), alsoIn: 'signal' }, ...all];
  const namesOf = (only: string) => selectBenches(besides, only).map(({ name }) => name);
  expect(namesOf('signal')).toEqual(['claim/free', 'signal/futex', 'signal/table']);
  expect([namesOf('claim'), namesOf('budget')]).toEqual([['claim/free'], ['budget/start']]);
  expect(() => names('sig')).toThrow(/named 'sig'. Suites: signal, budget[\s\S]*budget\/start +about/);
});
