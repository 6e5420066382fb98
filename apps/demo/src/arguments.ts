// The command line of `npm run demo`, checked: a wrong word is answered here and not by some child's crash.

import { parseArgs } from 'node:util';

export interface Size {
  readonly widthPx: number;
  readonly heightPx: number;
}

export type Accelerator = 'tcg' | 'kvm';

export interface DemoOptions {
  /** Undefined: the test pattern. */
  readonly source?: { readonly file: string } | { readonly stdin: Size };
  readonly size: Size;
  readonly fps?: number;
  readonly port?: number;
  /** The guest runs in a virtual machine, which this carries out; undefined: in processes of this machine. */
  readonly vm?: Accelerator;
  /** The halves of this HAL alone, nothing else. */
  readonly only?: string;
  readonly smoke: boolean;
  readonly help: boolean;
}

export const helpText = `npm run demo -- [options]

Starts every process of the demo, prints the address of its page, and ends them all at Ctrl-C.

  --play FILE          show an animated GIF or WebP (or a still image) instead of the test pattern
  --stdin-rgba WxH     show raw RGBA frames from standard input, for instance from
                       ffmpeg -re -i FILE -f rawvideo -pix_fmt rgba -s WxH -
  --size WxH           size of the picture, default 1280x720
  --fps N              frames per second of the test pattern, 1 to 240, default 60
  --port N             port of the page on 127.0.0.1, default: one that is free
  --vm                 the guest in a virtual machine (QEMU, Debian's kernel), not in local processes
  --accel tcg|kvm      what carries that machine out: emulation, which is the default, or KVM
  --only HAL           the two halves of one HAL alone, and what crosses: heartbeat, gralloc, framebuffer, …
  --smoke              watch 60 frames, compare every pixel, print one line of JSON, exit 0 or 1
  --help               this text`;

export const defaultSize: Size = { widthPx: 1280, heightPx: 720 };

/** Three buffers of this size still fit into the demo's gralloc memory of 64 MiB. */
const maxSidePx = 4096;
const maxFrameBytes = 16 * 1024 * 1024;

/** Throws an Error whose message is meant for the person who typed the command. */
export function parseDemoArguments(argv: readonly string[]): DemoOptions {
  const { values, tokens } = parseArgs({
    args: [...argv],
    tokens: true,
    options: {
      play: { type: 'string' },
      'stdin-rgba': { type: 'string' },
      size: { type: 'string' },
      fps: { type: 'string' },
      port: { type: 'string' },
      vm: { type: 'boolean', default: false },
      accel: { type: 'string' },
      only: { type: 'string' },
      smoke: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const { play, 'stdin-rgba': stdin, smoke } = values;
  if (play !== undefined && stdin !== undefined)
    throw new Error('--play and --stdin-rgba exclude each other');
  if (smoke && (play ?? stdin) !== undefined) {
    throw new Error('--smoke compares with the test pattern: it goes with neither --play nor --stdin-rgba');
  }
  const vm = acceleratorOf(values.vm, values.accel);
  if (vm !== undefined && (play ?? stdin) !== undefined) {
    throw new Error('--vm shows the test pattern: its guest sees neither files nor input of this machine');
  }
  if (values.only !== undefined && tokens.length > 1) {
    throw new Error(`--only ${values.only} runs that HAL as it says itself: it goes with no other option`);
  }
  return {
    ...sourceOf(play, stdin),
    ...(values.only !== undefined && { only: values.only }),
    ...(vm !== undefined && { vm }),
    size: values.size === undefined ? defaultSize : parseSize('--size', values.size),
    ...(values.fps !== undefined && { fps: parseInteger('--fps', values.fps, 1, 240) }),
    ...(values.port !== undefined && { port: parseInteger('--port', values.port, 0, 65_535) }),
    smoke,
    help: values.help,
  };
}

function sourceOf(play: string | undefined, stdin: string | undefined): Pick<DemoOptions, 'source'> {
  if (play !== undefined) return { source: { file: play } };
  return stdin === undefined ? {} : { source: { stdin: parseSize('--stdin-rgba', stdin) } };
}

function acceleratorOf(vm: boolean, accel: string | undefined): Accelerator | undefined {
  if (!vm && accel === undefined) return undefined;
  if (!vm) throw new Error('--accel says how the machine of --vm is carried out: it goes with --vm only');
  if (accel === undefined || accel === 'tcg' || accel === 'kvm') return accel ?? 'tcg';
  throw new Error(`--accel ${accel}: expected tcg or kvm`);
}

export function formatSize({ widthPx, heightPx }: Size): string {
  return `${widthPx}x${heightPx}`;
}

function parseSize(option: string, text: string): Size {
  const match = /^(\d{1,5})x(\d{1,5})$/.exec(text);
  const widthPx = Number(match?.[1]);
  const heightPx = Number(match?.[2]);
  const sound = [widthPx, heightPx].every((side) => side >= 1 && side <= maxSidePx);
  if (!sound)
    throw new Error(`${option} ${text}: expected WIDTHxHEIGHT, each from 1 to ${maxSidePx}, such as 640x360`);
  if (widthPx * heightPx * 4 > maxFrameBytes) {
    throw new Error(`${option} ${text}: a frame may have at most ${maxFrameBytes / 4} pixels`);
  }
  return { widthPx, heightPx };
}

function parseInteger(option: string, text: string, min: number, max: number): number {
  const value = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= min && value <= max))
    throw new Error(`${option} ${text}: expected an integer from ${min} to ${max}`);
  return value;
}
