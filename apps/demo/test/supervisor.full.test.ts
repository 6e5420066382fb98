// The supervisor with real, tiny programs: order, endings, and that whatever is killed, nothing stays behind.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { findProcesses, waitUntilGone } from '@vsoc/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const tinyDemo = fileURLToPath(new URL('fixtures/tiny-demo.mjs', import.meta.url));
const chain = ['server:wait', 'driver:wait:server', 'console:wait:server', 'player:wait:driver'];
const names = ['server', 'driver', 'console', 'player'];

let runtimeDir: string;
beforeEach(() => {
  runtimeDir = mkdtempSync(join(tmpdir(), 'vsoc-test-'));
});
afterEach(() => {
  rmSync(runtimeDir, { recursive: true, force: true });
});

it('programs start in order, each when those before it are ready', async () => {
  const demo = await startDemo(chain);
  const order = demo.lines.filter((line) => line.includes('pid ')).map((line) => line.split(' ')[0]);
  expect(order.indexOf('driver')).toBeGreaterThan(order.indexOf('server'));
  expect(order.indexOf('player')).toBeGreaterThan(order.indexOf('driver'));
  expect(order.toSorted()).toEqual(names.toSorted());
  expect(readdirSync(demo.runDir).toSorted()).toEqual(names.map((name) => `${name}.sock`).toSorted());
  await demo.end('SIGTERM');
});

it('Ctrl-C ends all in reverse order, with code 0', async () => {
  const demo = await startDemo(chain);
  // As a terminal does it: to the whole process group.
  process.kill(-(demo.process.pid as number), 'SIGINT');
  expect(await demo.closed).toEqual([0, null]);
  const order = demo.lines
    .filter((line) => line.endsWith(': ends'))
    .map((line) => line.split(/[ :]+/).at(-2));
  expect(order[0]).toBe('player');
  expect(order.at(-1)).toBe('server');
  expect(order).toHaveLength(4);
  await expectNothingLeft(demo.runDir);
});

it('a second Ctrl-C does not wait', async () => {
  const demo = await startDemo(['server:wait', 'player:stubborn:server']);
  demo.process.kill('SIGINT');
  // The first one has arrived once the supervisor has told the player to end, which shows nowhere: repeat it.
  const again = setInterval(() => demo.process.kill('SIGINT'), 50);
  expect(await demo.closed).toEqual([0, null]);
  clearInterval(again);
  // Left to itself, the player ends with these words.
  expect(demo.lines.join('\n')).not.toContain('did not end within');
  await expectNothingLeft(demo.runDir);
});

it('a program that fails at its start is named with its reason, and ends the run with code 1', async () => {
  const demo = launchDemo(['server:wait', 'driver:fail:server', 'player:wait:driver']);
  expect(await demo.closed).toEqual([1, null]);
  const text = demo.lines.join('\n');
  expect(text).toContain(
    'demo: driver exited with code 1 (the guest has crashed): cannot find the flux capacitor; ending the others',
  );
  expect(text).not.toContain('player ');
  await expectNothingLeft(demo.runDir());
});

it('a program that ends without being asked is named even when its code is 0', async () => {
  const demo = launchDemo(['server:wait', 'player:finish:server']);
  expect(await demo.closed).toEqual([1, null]);
  expect(demo.lines).toContain('demo: player exited with code 0; ending the others');
  await expectNothingLeft(demo.runDir());
});

describe('SIGKILL', () => {
  for (const victim of names) {
    it(`of ${victim} is told, ends the others, and leaves nothing`, async () => {
      const demo = await startDemo(chain);
      process.kill(demo.pidOf(victim), 'SIGKILL');
      expect(await demo.closed).toEqual([1, null]);
      expect(demo.lines.join('\n')).toContain(`demo: ${victim} killed by SIGKILL`);
      await expectNothingLeft(demo.runDir);
    });

    it(`of the supervisor and ${victim} at the same time leaves nothing`, async () => {
      const demo = await startDemo(chain);
      demo.process.kill('SIGKILL');
      process.kill(demo.pidOf(victim), 'SIGKILL');
      await expectNothingLeft(demo.runDir);
    });
  }

  it('of the supervisor makes its children end, the last of which removes the run directory', async () => {
    const demo = await startDemo(chain);
    demo.process.kill('SIGKILL');
    await expectNothingLeft(demo.runDir);
  });

  it('of the supervisor while it ends its children leaves nothing', async () => {
    const demo = await startDemo(chain);
    demo.process.kill('SIGTERM');
    await demo.lineWith('player: ends');
    demo.process.kill('SIGKILL');
    await expectNothingLeft(demo.runDir);
  });
});

interface Launched {
  readonly process: ChildProcess;
  readonly lines: readonly string[];
  readonly closed: Promise<unknown[]>;
  runDir(): string;
  /** Waits for a line that holds this text. */
  lineWith(text: string): Promise<void>;
}

function launchDemo(words: readonly string[]): Launched {
  const child = spawn(process.execPath, [tinyDemo, ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true, // a process group of its own, as a terminal's job has
    env: { ...process.env, XDG_RUNTIME_DIR: runtimeDir },
  });
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout });
  reader.on('line', (line) => lines.push(line));
  return {
    process: child,
    lines,
    closed: once(child, 'close'),
    runDir() {
      const line = lines.find((line) => line.startsWith('run directory '));
      if (line === undefined) throw new Error(`no run directory was printed:\n${lines.join('\n')}`);
      return line.slice('run directory '.length);
    },
    async lineWith(text) {
      while (!lines.some((line) => line.includes(text))) await once(reader, 'line');
    },
  };
}

async function startDemo(words: readonly string[]) {
  const demo = launchDemo(words);
  await demo.lineWith('all ready');
  const runDir = demo.runDir();
  return {
    ...demo,
    runDir,
    pidOf(name: string): number {
      const line = demo.lines.find((line) => line.startsWith(`${name} `) && line.includes('pid '));
      return Number(line?.match(/pid (\d+)/)?.[1]);
    },
    async end(signal: NodeJS.Signals) {
      demo.process.kill(signal);
      await demo.closed;
      await expectNothingLeft(runDir);
    },
  };
}

async function expectNothingLeft(runDir: string): Promise<void> {
  expect(await waitUntilGone(runDir)).toEqual([]);
  expect(findProcesses(tinyDemo)).toEqual([]);
  expect(existsSync(runDir)).toBe(false);
}
