// What an exploration covered, and its counterexample, for people.
import type { Exploration, Violation } from './explore.js';

const count = (value: number) => (value < 1e7 ? String(value) : value.toExponential(1));

export function formatExploration(exploration: Exploration): string {
  const { name, states, transitions, depth, interleavings, violation } = exploration;
  const covered = `${states} states, ${transitions} transitions, depth ${depth}`;
  if (violation !== undefined) return `${name}: VIOLATED after ${covered}\n${formatViolation(violation)}`;
  return `${name}: ${covered}, ${count(interleavings)} interleavings`;
}

/** The schedule that leads to the violation, one operation a line. */
export function formatViolation({ reason, turns }: Violation): string {
  const width = Math.max(...turns.map(({ thread }) => thread.length));
  const lines = turns.map(({ thread, what, result }, index) => {
    const outcome = result === undefined ? '' : ` = ${result}`;
    return `  ${String(index + 1).padStart(3)}  ${thread.padEnd(width)}  ${what}${outcome}`;
  });
  return [`  ${reason}`, ...lines].join('\n');
}
