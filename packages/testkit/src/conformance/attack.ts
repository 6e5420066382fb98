// A hostile peer: writes what it likes into every word of a HAL's regions, the words of the other side, the signal
// tables and the interrupt words too, and rings. From the test's process, so truly at the same time as the halves.

import { setImmediate } from 'node:timers/promises';
import type { RegionDefinition, RegionLayout, WindowLayout } from '@vsoc/vsoc/layout';
import { type SeededRandom, seededRandom } from '../seeded-random.js';
import { type Doorbells, openDoorbells } from './doorbells.js';

export interface Attack extends Disposable {
  /** Every word is each value once, one word at a time among honest ones; gives way to the event loop in between. */
  sweep(signal: AbortSignal): Promise<void>;
  /** Every word at once is `value`. */
  flood(value: number): void;
  readonly values: readonly number[];
  /** What the words were before the attack. */
  restore(): void;
}

const extremes = [0, 1, 2 ** 31, 2 ** 32 - 1];
const randomValues = 3;
/** Of a large region only some words are swept one by one, those that mean something first; floods reach all. */
const sweptWords = 256;

export async function openAttack(
  serverSocket: string,
  layout: WindowLayout,
  definitions: readonly RegionDefinition[],
): Promise<Attack> {
  const random = seededRandom('attack');
  const doorbells: Doorbells[] = [];
  const targets: number[] = [];
  for (const definition of definitions) {
    doorbells.push(await openDoorbells(serverSocket, definition.name));
    const region = layout.regions.find(({ name }) => name === definition.name);
    if (region) targets.push(...attackable(definition, region));
  }
  const [first] = doorbells;
  if (!first) throw new Error('nothing to attack: the HAL has no region');
  const words = new Uint32Array(first.window);
  const saved = targets.map((index) => Atomics.load(words, index));
  const values = [...extremes, ...Array.from({ length: randomValues }, () => random.below(2 ** 32))];
  const ring = () => {
    for (const doorbell of doorbells) doorbell.ringBoth();
  };

  return {
    values,
    async sweep(signal) {
      const inUse = targets.filter((index) => Atomics.load(words, index) !== 0);
      const others = targets.filter((index) => !inUse.includes(index));
      const swept = [...some(inUse, sweptWords, random), ...some(others, sweptWords - inUse.length, random)];
      for (const value of values) {
        for (const index of swept) {
          if (signal.aborted) return;
          const honest = Atomics.exchange(words, index, value);
          ring();
          await setImmediate();
          Atomics.compareExchange(words, index, value, honest);
        }
      }
    },
    flood(value) {
      for (const index of targets) Atomics.store(words, index, value);
      ring();
    },
    restore() {
      for (const [i, index] of targets.entries()) Atomics.store(words, index, saved[i] as number);
      ring();
    },
    [Symbol.dispose]() {
      for (const doorbell of doorbells) doorbell[Symbol.dispose]();
    },
  };
}

/** Indices of the window's words that are the region's tables, interrupt words and data; a tail is only bytes. */
function attackable(definition: RegionDefinition, region: RegionLayout): number[] {
  const begin = region.beginOffset / 4;
  const dataEnd = begin + (region.dataOffset + definition.dataBytes) / 4;
  return Array.from({ length: Math.ceil(dataEnd - begin) }, (_, i) => begin + i);
}

function some(targets: readonly number[], count: number, random: SeededRandom): readonly number[] {
  if (targets.length <= count) return targets;
  return Array.from({ length: Math.max(0, count) }, () => random.pick(targets));
}
