// The anchors: small C programs, compiled on the spot with the machine's own compiler at -O2 into build/, and
// run once per round. They print one line of JSON and end with their parent by themselves.
import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Contestant } from './alternate.js';
import { anywhere, type Placement } from './placement.js';

const sources = fileURLToPath(new URL('../c/', import.meta.url));
/** Never committed: binaries of the anchors, a test picture. */
export const buildFolder = fileURLToPath(new URL('../build/', import.meta.url));
const execute = promisify(execFile);

/** A round that takes longer than this hangs. */
export const roundTimeoutMs = 60_000;

export interface RoundSize {
  /** Samples of a round. */
  readonly trips: number;
  /** Samples before them that do not count. */
  readonly warmUp: number;
}

export type Figures = 'p50Ns' | 'p99Ns';

export interface Anchor {
  /** A file of c/, without its ending. */
  readonly program: string;
  readonly size: RoundSize;
  readonly placement?: Placement;
  readonly words?: readonly string[];
}

/** Compiles the program; the contestant's rounds run it. */
export async function compileAnchor(anchor: Anchor): Promise<Contestant<Figures>> {
  const { program, size, placement = anywhere, words = [] } = anchor;
  mkdirSync(buildFolder, { recursive: true });
  const binary = `${buildFolder}${program}`;
  try {
    await execute('cc', ['-O2', '-std=gnu11', '-Wall', '-Wextra', '-o', binary, `${sources}${program}.c`]);
  } catch (cause) {
    throw new Error(`the anchor ${program}.c does not compile: a C compiler named cc is needed`, { cause });
  }
  const numbers = [size.trips, size.warmUp, placement.here, placement.there];
  return {
    async round(signal) {
      const options = { signal, timeout: roundTimeoutMs, killSignal: 'SIGKILL' } as const;
      const { stdout } = await execute(binary, [...numbers.map(String), ...words], options);
      return parseFigures(stdout, program);
    },
  };
}

/** What a measuring program prints, C or ours: {"p50Ns":…,"p99Ns":…}. */
export function parseFigures(text: string, program: string): Record<Figures, number> {
  const { p50Ns, p99Ns } = JSON.parse(text) as Partial<Record<Figures, unknown>>;
  if (typeof p50Ns !== 'number' || typeof p99Ns !== 'number') {
    throw new Error(`${program} printed ${JSON.stringify(text)} where p50Ns and p99Ns were expected`);
  }
  return { p50Ns, p99Ns };
}
