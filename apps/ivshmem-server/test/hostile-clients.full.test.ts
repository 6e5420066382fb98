/**
 * Clients that come and go, are silent, slow, deaf, send noise, ask without end: while each has its way with the real
 * server and the real guest driver, signals of another region go on crossing, and afterwards nothing is left of it.
 * How much slower the signals get is a bench's row (`flood`); here they must arrive at all.
 */
import { readFileSync } from 'node:fs';
import type { Child } from '@vsoc/process/launcher';
import { descriptorCount, orNone, startGuestProcesses } from '@vsoc/testkit';
import { sharedByTests } from '@vsoc/testkit/hooks';
import { connectHost, type HostRegion } from '@vsoc/vsoc/host';
import { system } from '@vsoc/vsoc/layout';
import { openAnswer } from '@vsoc/vsoc/wire';
import { describe, expect, it } from 'vitest';
import { echo } from '../src/testing/echo.js';
import { openRawClient, type RawClient } from './raw-client.js';

const rounds = 400;
const enfile = 23;
/** Far above what either needs, far below what a leak of these floods would take. */
const memoryGrowthLimitMiB = 96;

async function startVictims() {
  const processes = await startGuestProcesses({ regions: [system, echo] });
  const program = 'apps/ivshmem-server/dist/testing/echo-guest.js';
  await orNone(processes, () => processes.start({ name: 'echo', program }));
  return { ...processes, victims: [processes.server, processes.driver] };
}

const world = sharedByTests(startVictims);
const device = sharedByTests(() => connectHost({ serverSocket: world.paths.serverSocket }));
const region = sharedByTests(() => device.open(echo));

async function makeTrip(): Promise<void> {
  const { ping, pong } = region.data;
  const before = pong.load();
  ping.store((before + 1) >>> 0);
  region.signalPeer(ping);
  expect(await region.waitWhile(pong, before)).toBe('changed');
}

const residentMiB = ({ pid }: Child) =>
  Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
const descriptors = ({ pid }: Child) => descriptorCount(pid as number);

async function until(holds: () => boolean, what: string): Promise<void> {
  const endMs = performance.now() + 60_000;
  while (!holds()) {
    if (performance.now() > endMs) throw new Error(`not within 60 s: ${what}`);
    await new Promise((done) => setTimeout(done, 5));
  }
}

/** Signals cross for as long as the hostile client goes on; it is told to end after its rounds. */
async function survive(way: string, wanted: number): Promise<void> {
  const before = world.victims.map(descriptors);
  const resident = world.victims.map(residentMiB);
  let made = 0;
  const hostile = await world.start({
    name: 'hostile',
    program: 'apps/ivshmem-server/dist/testing/hostile.js',
    args: [way, echo.name],
    onReport: (report) => {
      made = (report as { rounds: number }).rounds;
    },
  });
  let trips = 0;
  for (; made < wanted || trips < 50; trips++) await makeTrip();
  expect(await hostile.stop()).toMatchObject({ code: 0 });
  await makeTrip();
  for (const [index, victim] of world.victims.entries()) {
    await until(
      () => descriptors(victim) <= (before[index] ?? 0),
      `${victim.name} closes the hostile client's descriptors`,
    );
    expect(residentMiB(victim) - (resident[index] ?? 0)).toBeLessThan(memoryGrowthLimitMiB);
  }
}

/** Tries again for as long as all places are taken. */
async function openAtLast(): Promise<HostRegion<typeof echo>> {
  for (;;) {
    try {
      return await device.open(echo);
    } catch (error) {
      if ((error as { code?: string }).code !== 'EMFILE') throw error;
      await new Promise((done) => setTimeout(done, 20));
    }
  }
}

describe('signals of another region cross, and nothing is left, after a host process that', () => {
  it.each(['host-comes-and-goes', 'host-sends-noise', 'host-talks-on', 'guest-comes-and-goes'])('%s', (way) =>
    survive(way, rounds),
  );

  it('host-is-silent on all 256 places: they are free again after 2 s, for a host process that came meanwhile', async () => {
    const silent = survive('host-is-silent', 700);
    (await openAtLast())[Symbol.dispose]();
    await silent;
  });

  it('host-is-slow: one byte in 100 ms is too slow for a name of 15', () => survive('host-is-slow', 300));
});

describe('signals of another region cross, and nothing is left, after a guest process that', () => {
  it.each([
    'process-comes-and-goes',
    'process-opens-and-forgets',
    'process-opens-and-keeps',
    'process-sends-noise',
    'process-asks-and-does-not-read',
    'process-asks-without-end',
    'process-sleeps-too-often',
    'process-sleeps-and-vanishes',
  ])('%s', (way) => survive(way, rounds));
});

describe('a guest process that keeps on opening', () => {
  it('is refused with ENFILE from the 257th channel on, and has taken nothing from the others', async () => {
    const before = world.victims.map(descriptors);
    const channels: RawClient[] = [];
    let status = 0;
    while (status === 0 && channels.length <= 256) {
      const channel = openRawClient(world.paths.controlSocket, 'seqpacket');
      channels.push(channel);
      status = channel.read(openAnswer.size).getInt32(0, true);
    }
    expect(status).toBe(-enfile);
    expect(Buffer.from(channels.at(-1)?.readToEnd() ?? []).toString()).toBe(
      '256 channels of this process are open',
    );
    expect(channels).toHaveLength(257);
    const late = await world.start({
      name: 'late',
      program: 'apps/ivshmem-server/dist/testing/echo-guest.js',
    });
    await late.stop();
    await makeTrip();
    for (const channel of channels) channel[Symbol.dispose]();
    for (const [index, victim] of world.victims.entries())
      await until(() => descriptors(victim) <= (before[index] ?? 0), `${victim.name} closes them`);
  });
});
