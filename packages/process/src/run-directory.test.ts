// Where a run lives: mode, refusals, lengths.

import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { removeDirectory } from './presence.js';
import { checkSocketPath, createRunDirectory, maxSocketPathBytes, runPaths } from './run-directory.js';

it('a run directory is made below XDG_RUNTIME_DIR, for its owner only', () => {
  withTemporary((base) => {
    const runDir = createRunDirectory('demo-1', { XDG_RUNTIME_DIR: base });
    expect(runDir).toBe(join(base, 'vsoc', 'demo-1'));
    expect(statSync(runDir).mode & 0o777).toBe(0o700);
    expect(statSync(join(base, 'vsoc')).mode & 0o777).toBe(0o700);
  });
});

it('an existing run directory is refused', () => {
  withTemporary((base) => {
    createRunDirectory('demo-1', { XDG_RUNTIME_DIR: base });
    expect(() => createRunDirectory('demo-1', { XDG_RUNTIME_DIR: base })).toThrow(/demo-1 exists/);
  });
});

it('without XDG_RUNTIME_DIR a fresh temporary directory is made', () => {
  const runDir = createRunDirectory('demo-1', {});
  expect(statSync(runDir).mode & 0o777).toBe(0o700);
  rmSync(runDir, { recursive: true });
});

it('a run directory too long for its sockets is refused with the length', () => {
  withTemporary((base) => {
    const instance = 'n'.repeat(maxSocketPathBytes);
    expect(() => createRunDirectory(instance, { XDG_RUNTIME_DIR: base })).toThrow(
      /socket path is \d+ bytes long/,
    );
  });
});

it('a socket path of 107 bytes passes, one of 108 is refused', () => {
  expect(checkSocketPath('x'.repeat(107))).toHaveLength(107);
  expect(() => checkSocketPath('x'.repeat(108))).toThrow('socket path is 108 bytes long, at most 107');
  expect(() => checkSocketPath('é'.repeat(54))).toThrow('108 bytes');
});

it('every path lies in the run directory', () => {
  const { device, ...paths } = runPaths('/run/x');
  expect(device('framebuffer')).toBe('/run/x/guest/dev/framebuffer');
  expect(paths).toEqual({
    runDir: '/run/x',
    layoutFile: '/run/x/layout.json',
    serverSocket: '/run/x/server.sock',
    qemuSocket: '/run/x/qemu.sock',
    guestDir: '/run/x/guest',
    deviceDir: '/run/x/guest/dev',
    controlSocket: '/run/x/guest/dev/control',
  });
});

it('a directory that took the place of the former one is left alone', () => {
  withTemporary((base) => {
    const first = mkdtempSync(join(base, 'a-'));
    const second = mkdtempSync(join(base, 'b-'));
    removeDirectory(second, statSync(first));
    expect(statSync(second).isDirectory()).toBe(true);
    removeDirectory(first, statSync(first));
    expect(statSync(first, { throwIfNoEntry: false })).toBeUndefined();
  });
});

function withTemporary(use: (path: string) => void): void {
  const path = mkdtempSync(join(tmpdir(), 'vsoc-test-'));
  try {
    use(path);
  } finally {
    rmSync(path, { recursive: true });
  }
}
