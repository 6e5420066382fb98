// How many channels and descriptions there may be: of one process, so that none can take it all, and of all processes.
// Where this process may have few descriptors, fewer: a table that is full would cut off the tokens of whoever asks next,
// and that channel would be closed, be it ever so innocent.
import { readdirSync } from 'node:fs';
import { descriptorLimit } from '@vsoc/native';

export interface Limit {
  readonly ofProcess: number;
  readonly ofAll: number;
}

export interface Limits {
  readonly channels: Limit;
  readonly descriptions: Limit;
}

export const channelLimit: Limit = { ofProcess: 256, ofAll: 1024 };
export const descriptionLimit: Limit = { ofProcess: 1024, ofAll: 4096 };

/** Itself (a connection, a pipe's end), and what it is watched by. */
const descriptorsEach = 2;
/** One message may bring 253; a few are for what comes and goes. */
const reserve = 272;

/** Of what is free without channels and descriptions. With very little, half is the reserve. */
export function limitsFor(freeDescriptors: number): Limits {
  const usable = Math.max(freeDescriptors - reserve, freeDescriptors / 2, 0);
  const wanted = (channelLimit.ofAll + descriptionLimit.ofAll) * descriptorsEach;
  const scale = Math.min(1, usable / wanted);
  const scaled = ({ ofProcess, ofAll }: Limit): Limit => ({
    ofProcess: Math.max(1, Math.floor(ofProcess * scale)),
    ofAll: Math.max(1, Math.floor(ofAll * scale)),
  });
  return { channels: scaled(channelLimit), descriptions: scaled(descriptionLimit) };
}

/** To be called while there are none yet. What it returns looks each time: the limit of a process that runs can be changed. */
export function watchLimits(): () => Limits {
  const own = readdirSync('/proc/self/fd').length;
  return () => limitsFor(descriptorLimit() - own);
}
