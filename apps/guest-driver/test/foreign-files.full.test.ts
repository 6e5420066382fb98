// Descriptors whose file system is their sender's own: what the driver asks about them costs nobody else anything.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { guardLeaks, sharedByTests } from '@vsoc/testkit/hooks';
import { expect, test } from 'vitest';
import { signals } from '../src/testing/regions.js';
import { startWorld } from './guest-world.js';

const world = sharedByTests(startWorld);
guardLeaks();

const program = fileURLToPath(new URL('fixtures/fuse.py', import.meta.url));
const EBADF = 9;

test.each(['dead', 'silent'])('a %s one is no token, and the driver serves on', async (mode) => {
  const command = ['-Urm', 'python3', program, mode, join(world.deviceDirectory, 'control')];
  const { stdout } = await promisify(execFile)('unshare', command).catch(() => ({ stdout: 'no fuse' }));
  // Where nobody may mount a file system, nobody can attach one; the log says that this was not seen.
  if (stdout.startsWith('no fuse'))
    console.warn(`a file of a ${mode} file system was not attached: ${stdout}`);
  else expect(stdout.trim()).toBe(`${-EBADF}`);
  using device = await world.openGuest();
  using region = await device.open(signals);
  expect((await region.description.describe()).deviceName).toBe(signals.name);
});
