// The arguments of both programs: what to play into the one region, what to do with what is heard from the other.
import { parseArgs } from 'node:util';
import { tone } from '../tone.js';
import { readWav, type Sound } from '../wav.js';

export interface Options {
  readonly runDir: string;
  readonly sound: Sound | undefined;
  readonly isRepeated: boolean;
  readonly periodFrames: number | undefined;
  readonly hears: boolean;
  readonly recordFile: string | undefined;
  /** What is heard after so long is not recorded any more. */
  readonly seconds: number;
}

const defaultToneS = 1;
const longestRecordingS = 600;

export async function readOptions(): Promise<Options> {
  const { values } = parseArgs({
    options: {
      'run-dir': { type: 'string', default: '.' },
      play: { type: 'string' },
      tone: { type: 'string' },
      repeat: { type: 'boolean', default: false },
      record: { type: 'string' },
      listen: { type: 'boolean', default: false },
      seconds: { type: 'string' },
      'period-frames': { type: 'string' },
    },
  });
  const seconds = numberOf('--seconds', values.seconds);
  const toneHz = numberOf('--tone', values.tone);
  const hears = values.listen || values.record !== undefined;
  const sound = values.play !== undefined ? await readWav(values.play) : toneOf(toneHz, seconds);
  if (!hears && sound === undefined) {
    throw new Error('expected --play FILE or --tone HZ, --record FILE or --listen, or one of each');
  }
  return {
    runDir: values['run-dir'],
    sound,
    isRepeated: values.repeat,
    periodFrames: numberOf('--period-frames', values['period-frames']),
    hears,
    recordFile: values.record,
    seconds: seconds ?? longestRecordingS,
  };
}

function toneOf(toneHz: number | undefined, seconds = defaultToneS): Sound | undefined {
  return toneHz === undefined ? undefined : tone(toneHz, seconds);
}

function numberOf(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (value > 0 && Number.isFinite(value)) return value;
  throw new Error(`${option} ${text}: expected a number above 0`);
}
