/** The clients of docs/examples/python against the real server and guest driver, each against ours of the other side. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { atomicU32, bytes, struct } from '@vsoc/struct';
import { startGuestProcesses } from '@vsoc/testkit';
import { connectHost } from '@vsoc/vsoc/host';
import { defineRegion, regionFree, system } from '@vsoc/vsoc/layout';
import { expect, it } from 'vitest';
import { echo } from '../src/testing/echo.js';

const manager = defineRegion({
  name: 'manager',
  version: { current: 1, minCompatible: 1 },
  doc: 'Owner word of the one area.',
  data: struct('manager_data', 'Written by the guest driver alone.', {
    owner: atomicU32({ signalledBy: 'guest', doc: 'who holds the area; 0 = free' }),
  }),
});

const managed = defineRegion({
  name: 'managed',
  version: { current: 1, minCompatible: 1 },
  doc: 'One area.',
  managedBy: manager.name,
  tail: bytes('area', { sizeBytes: 4096, doc: 'whatever its owner writes' }),
});

const examples = fileURLToPath(new URL('../../../docs/examples/python/', import.meta.url));
const trips = 50;

const startAll = () => startGuestProcesses({ regions: [system, echo, manager, managed], watchdogMs: 90_000 });

interface Python extends AsyncDisposable {
  /** Lines of standard output, one by one. */
  next(): Promise<string>;
  say(line: string): void;
  /** Rejects with what it printed to standard error when it ended with another code than 0. */
  readonly ended: Promise<void>;
}

function python(program: string, ...args: string[]): Python {
  // -B: no __pycache__ in the repository.
  const child = spawn('python3', ['-B', `${examples}${program}`, ...args], { stdio: 'pipe' });
  let errors = '';
  child.stderr.on('data', (data) => {
    errors += data;
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ended = once(child, 'close').then(([code]) => {
    if (code !== 0) throw new Error(`${program} ended with ${code}\n${errors}`);
  });
  ended.catch(() => {}); // whoever reads lines that do not come asks for it
  return {
    async next() {
      const { value, done } = await lines.next();
      if (!done) return value;
      await ended;
      throw new Error(`${program} ended where a line was expected`);
    },
    say: (line) => void child.stdin.write(`${line}\n`),
    ended,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await ended.catch(() => {});
    },
  };
}

it('a host process in Python signals a guest half and is signalled by it', async () => {
  await using processes = await startAll();
  await processes.start({ name: 'echo', program: 'apps/ivshmem-server/dist/testing/echo-guest.js' });
  await using client = python('echo_host.py', processes.paths.serverSocket, echo.name, String(trips));
  expect(JSON.parse(await client.next())).toEqual({ name: 'echo', trips, pong: trips });
  await client.ended;
});

it('a guest process in Python signals a host half and is signalled by it', async () => {
  await using processes = await startAll();
  using host = await connectHost({ serverSocket: processes.paths.serverSocket });
  using region = await host.open(echo);
  await using client = python('echo_guest.py', processes.paths.deviceDir, echo.name, String(trips));
  expect(await client.next()).toBe('waiting');
  const { ping, pong } = region.data;
  for (let trip = 0; trip < trips; trip++) {
    ping.store(trip + 1);
    region.signalPeer(ping);
    expect(await region.waitWhile(pong, trip)).toBe('changed');
  }
  expect(JSON.parse(await client.next())).toEqual({ epoch: 1, trips, pong: trips });
  await client.ended;
});

it('both sides in Python understand each other', async () => {
  await using processes = await startAll();
  await using guest = python('echo_guest.py', processes.paths.deviceDir, echo.name, String(trips));
  expect(await guest.next()).toBe('waiting');
  await using host = python('echo_host.py', processes.paths.serverSocket, echo.name, String(trips));
  expect(JSON.parse(await host.next())).toMatchObject({ pong: trips });
  expect(JSON.parse(await guest.next())).toMatchObject({ pong: trips });
  await Promise.all([host.ended, guest.ended]);
});

it('a claim made in Python travels to another process with its token, and ends with the last copy', async () => {
  await using processes = await startAll();
  using host = await connectHost({ serverSocket: processes.paths.serverSocket });
  using region = await host.open(manager);
  const { owner } = region.data;
  await using client = python('claim_guest.py', processes.paths.deviceDir, manager.name, managed.name);
  const next = async () => JSON.parse(await client.next()) as Record<string, unknown>;

  const enoent = 2;
  const eagain = 11;
  expect(await next()).toEqual({ who: 'first', step: 'opened', get: enoent });
  const { pid, ...claimed } = await next();
  expect(claimed).toEqual({ who: 'first', step: 'claimed', again: eagain });
  expect(await next()).toEqual({
    who: 'second',
    step: 'imported',
    owner: pid,
    text: 'written by the first process',
    bytes: 4096,
  });
  expect(owner.load()).toBe(pid);

  client.say('let go');
  expect(await next()).toEqual({ who: 'second', step: 'closed' });
  await region.waitWhile(owner, Number(pid));
  expect(owner.load()).toBe(regionFree);
  await client.ended;
});
