/** What is known about a window once it was planned or validated: plain values, no memory behind them. */
import { VsocError } from '../errors.js';
import type { RegionOffset, WindowOffset } from './offsets.js';

export interface WindowLayout {
  readonly majorVersion: number;
  readonly minorVersion: number;
  readonly sizeBytes: number;
  /** In the order of declaration: the index is the interrupt vector. */
  readonly regions: readonly RegionLayout[];
}

export interface RegionLayout {
  readonly index: number;
  readonly name: string;
  readonly currentVersion: number;
  readonly minCompatibleVersion: number;
  readonly beginOffset: WindowOffset;
  /** Exclusive. */
  readonly endOffset: WindowOffset;
  readonly dataOffset: RegionOffset;
  readonly guestToHost: TableLayout;
  readonly hostToGuest: TableLayout;
  /** Index of the managing region; 0 when there is none. */
  readonly managedBy: number;
}

export interface TableLayout {
  readonly slotCountLog2: number;
  readonly slotsOffset: RegionOffset;
  readonly interruptOffset: RegionOffset;
}

/** A window, or a plan for one, that breaks a rule. */
export class LayoutError extends VsocError {
  override readonly name = 'LayoutError';

  constructor(op: string, detail: string, options?: ErrorOptions) {
    super('EINVAL', op, detail, options);
  }
}

/** Throws ENOENT, as an open of that region does. */
export function findRegion(layout: WindowLayout, name: string): RegionLayout {
  const region = layout.regions.find((candidate) => candidate.name === name);
  if (region !== undefined) return region;
  const known = layout.regions.map((candidate) => candidate.name).join(', ');
  throw new VsocError('ENOENT', 'open', `no region is called ${JSON.stringify(name)}; there are: ${known}`);
}

export function regionBytes(region: RegionLayout): number {
  return region.endOffset - region.beginOffset;
}
