// The guard is red for each kind of thing that can be left behind, and green once it is given back.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { createSealedMemfd, mapWindow } from '@vsoc/native';
import { expect, it } from 'vitest';
import { assertNothingLeft, snapshot } from './leak-guard.js';

const pageBytes = 64 * 1024;

it('nothing new is no leak', async () => {
  await assertNothingLeft(snapshot());
});

it('an open file is named with its number', async () => {
  const before = snapshot();
  const fd = openSync('/dev/zero', 'r');
  await expect(assertNothingLeft(before, 20)).rejects.toThrow(`descriptor ${fd} → /dev/zero`);
  closeSync(fd);
  await assertNothingLeft(before);
});

it('a mapping that outlives its descriptor is named', async () => {
  const before = snapshot();
  const fd = createSealedMemfd('leak-guard', pageBytes);
  const window = mapWindow(fd.fd, pageBytes);
  fd[Symbol.dispose]();
  await expect(assertNothingLeft(before, 20)).rejects.toThrow(/mapping .*\/memfd:leak-guard/);
  window[Symbol.dispose]();
  await assertNothingLeft(before);
});

it('a child process is named with its command line', async () => {
  const before = snapshot();
  const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 120_000)'], { stdio: 'ignore' });
  await expect(assertNothingLeft(before, 20)).rejects.toThrow(
    new RegExp(`child process ${child.pid}: .*setTimeout`),
  );
  child.kill('SIGKILL');
  await once(child, 'exit');
  await assertNothingLeft(before);
});
