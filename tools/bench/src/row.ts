// What a bench hands out: the row of the JSON file, and beside it what only the printed table shows.
import { type Direction, rounded, speedOf } from './statistics.js';

export interface Row {
  readonly name: string;
  readonly unit: string;
  readonly ours: number;
  readonly anchor: number;
  readonly anchorName: string;
  /** How many times as fast as the anchor: 1 is level, above 1 is ahead. */
  readonly speed: number;
}

/** What the project wants of a row: a bound on ours as such, or as a multiple of the anchor. */
export type Goal = { readonly timesAnchor: number } | { readonly bound: number };

export interface MeasuredRow extends Row {
  readonly direction: Direction;
  readonly goal?: Goal;
  /** Spread over the rounds (0.1 = 10 % of the median between lowest and highest) of ours and of the anchor. */
  readonly spread?: { readonly ours: number; readonly anchor: number };
  readonly note?: string;
}

export interface RowParts extends Omit<MeasuredRow, 'speed' | 'direction'> {
  readonly direction?: Direction;
}

/** Completes a row with its speed; a row is a cost unless it says otherwise. */
export function row(parts: RowParts): MeasuredRow {
  const direction = parts.direction ?? 'cost';
  const ours = rounded(parts.ours);
  const anchor = rounded(parts.anchor);
  return { ...parts, direction, ours, anchor, speed: rounded(speedOf(direction, parts.ours, parts.anchor)) };
}

/** A row whose anchor is the goal itself: there is no C program that does the same. */
export function goalRow(
  parts: Omit<RowParts, 'anchor' | 'anchorName' | 'goal'> & { goal: number },
): MeasuredRow {
  return row({ ...parts, anchor: parts.goal, anchorName: 'goal', goal: { bound: parts.goal } });
}

/** Whether the goal is met; undefined where there is none. */
export function goalMet({ direction, ours, anchor, goal }: MeasuredRow): boolean | undefined {
  if (goal === undefined) return undefined;
  const limit = 'bound' in goal ? goal.bound : goal.timesAnchor * anchor;
  return direction === 'cost' ? ours <= limit : ours >= limit;
}

export function goalText({ direction, goal, unit }: MeasuredRow): string {
  if (goal === undefined) return '';
  const sign = direction === 'cost' ? '≤' : '≥';
  return 'bound' in goal ? `${sign} ${goal.bound} ${unit}` : `${sign} ${goal.timesAnchor} × anchor`;
}

/** Exactly the fields of the JSON file. */
export function toJsonRow({ name, unit, ours, anchor, anchorName, speed }: MeasuredRow): Row {
  return { name, unit, ours, anchor, anchorName, speed };
}
