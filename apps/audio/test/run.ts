// What the tests of sound start: server and guest driver, the two programs with WAVs, or halves in this process.
import { join } from 'node:path';
import type { Child } from '@vsoc/process/launcher';
import { seededRandom, startGuestProcesses } from '@vsoc/testkit';
import { type GuestDevice, openGuest } from '@vsoc/vsoc/guest';
import { connectHost, type HostDevice } from '@vsoc/vsoc/host';
import { system } from '@vsoc/vsoc/layout';
import type { Period } from '../src/consumer.js';
import { audioIn, audioOut } from '../src/layout.js';
import type { Sound } from '../src/wav.js';

export type TestRun = Awaited<ReturnType<typeof startRun>>;

/** A program of this HAL, and what it printed. */
export interface Program extends Child {
  readonly lines: readonly string[];
}

export async function startRun() {
  const processes = await startGuestProcesses({ regions: [system, audioOut, audioIn] });
  const { paths, runDir } = processes;
  return {
    paths,
    /** A place for a file that goes with the run. */
    file: (name: string) => join(runDir, name),
    /** Resolves when the program is ready. */
    async start(side: 'guest' | 'host', ...args: string[]): Promise<Program> {
      const lines: string[] = [];
      const onLine = (line: string) => void lines.push(line);
      const program = `apps/audio/dist/bin/${side}.js`;
      return Object.assign(await processes.start({ name: side, program, args, onLine }), { lines });
    },
    openGuest: (): Promise<GuestDevice> => openGuest({ deviceDirectory: paths.deviceDir }),
    openHost: (): Promise<HostDevice> => connectHost({ serverSocket: paths.serverSocket }),
    [Symbol.asyncDispose]: () => processes[Symbol.asyncDispose](),
  };
}

/** Noise: whatever is lost, doubled or in the wrong place shows. */
export function noise(format: { sampleRateHz: number; channels: number }, frames: number): Sound {
  const random = seededRandom('noise');
  const samples = Int16Array.from({ length: frames * format.channels }, () => random.below(65_536) - 32_768);
  return { ...format, samples };
}

/** Periods up to the one that `isEnough`. */
export async function take(
  periods: AsyncIterable<Period>,
  isEnough: (period: Period, count: number) => boolean,
): Promise<Period[]> {
  const taken: Period[] = [];
  for await (const period of periods) {
    taken.push(period);
    if (isEnough(period, taken.length)) break;
  }
  return taken;
}

/** A period's end in its stream. */
export const endOf = ({ positionFrames, samples, format }: Period) =>
  positionFrames + samples.length / format.channels;

/** Fails where a heard period is not what the sound has at its position. */
export function firstWrongFrame(sound: Sound, periods: readonly Period[]): number | undefined {
  for (const { positionFrames, samples } of periods) {
    const at = positionFrames * sound.channels;
    const wrong = samples.findIndex((sample, index) => sample !== sound.samples[at + index]);
    if (wrong >= 0) return positionFrames + Math.floor(wrong / sound.channels);
  }
  return undefined;
}
