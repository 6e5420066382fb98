// The guest in a real machine: stock QEMU, stock kernel, the same guest driver and the same halves. One machine serves all
// tests that do not end one.

import { conformanceCases, type Hal, openRig, type Rig, runCase } from '@vsoc/testkit/conformance';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { guestDriverProgram } from '../src/index.js';
import { allHals } from './hals.js';
import { type MachineGuest, machineGuest } from './machine-guest.js';
import { entryOf, isZero, openEyes, patternFrames } from './pictures.js';
import { sameWindow } from './same-window.js';

/** An emulated machine on a busy one: seconds where the embedded guest needs milliseconds. */
const testTimeoutMs = 600_000;
const patienceMs = 120_000;
/** Of the whole file. */
const watchdogMs = 5_400_000;

const { hals, regions, guestPrograms, moduleUrl } = await allHals();

async function openWorld(): Promise<{ rig: Rig; guest: MachineGuest }> {
  let guest: MachineGuest | undefined;
  const rig = await openRig({
    regions,
    guestPrograms,
    moduleUrl,
    patienceMs,
    watchdogMs,
    openGuest: (parts) => (guest ??= machineGuest(parts)),
    another: sameWindow,
  });
  return { rig, guest: guest as MachineGuest };
}

describe('a guest in a virtual machine', () => {
  let rig: Rig;
  let guest: MachineGuest;
  beforeAll(async () => {
    ({ rig, guest } = await openWorld());
    await guest.boot();
  }, testTimeoutMs);
  afterAll(async () => {
    await guest[Symbol.asyncDispose]();
    await rig.end();
  }, testTimeoutMs);

  it('is made of stock parts, and sees nothing but the checkout', () => {
    const { commandLine, modules } = guest.machine;
    console.log(`QEMU: ${commandLine.join(' ')}\n/proc/modules: ${modules.join(' ')}`);
    expect(modules).toContain('vfio_pci');
    expect(modules.filter((name) => /vsoc|ivshmem|uio/.test(name))).toEqual([]);
    expect(commandLine.filter((word) => word.startsWith('local,'))).toHaveLength(1);
  });

  describe.each(hals.map((hal) => [hal.name, hal] as const))('%s conforms', (_name, hal: Hal) => {
    for (const one of Object.values(conformanceCases)) {
      const { appliesTo } = one as { appliesTo?(hal: Hal): boolean };
      if (!appliesTo || appliesTo(hal)) it(one.name, () => runCase(one, { rig, hal }), testTimeoutMs);
    }
  });

  it(
    "the player's frames arrive at the host half pixel by pixel",
    async () => {
      await rig.tidy();
      using eyes = await openEyes(rig.serverSocket);
      const args = ['--run-dir', guest.runDir, '--size', '320x180', '--fps', '60'];
      const player = guest.agent.start({ name: 'player', program: 'apps/player/dist/bin/player.js', args });
      await player.ready;
      const serials = await patternFrames(eyes, { widthPx: 320, heightPx: 180 }, 60);
      expect(new Set(serials).size).toBe(60);
      player.kill('SIGKILL');
      await player.ended;
    },
    testTimeoutMs,
  );

  it(
    'a buffer is free and zeroed once its process in the guest was killed',
    async () => {
      await rig.tidy();
      using eyes = await openEyes(rig.serverSocket);
      const painter = await rig.open(hals.find(({ name }) => name === 'gralloc') as Hal, 'guest');
      const painting = (await painter.tell()) as { entry: number; byte: number };
      const entry = entryOf(eyes, painting.entry);
      expect(entry.bytes()[0]).toBe(painting.byte);
      expect(isZero(entry.bytes())).toBe(false);
      await painter.process.kill();
      await expect.poll(() => entry.owner(), { timeout: patienceMs }).toBe(0);
      expect(isZero(entry.bytes())).toBe(true);
    },
    testTimeoutMs,
  );

  it(
    'a reboot of the machine: host halves go on by themselves, with the same doorbells and a new epoch',
    async () => {
      await rig.tidy();
      const heartbeat = hals.find(({ name }) => name === 'heartbeat') as Hal;
      const { teller, listener } = await rig.openBoth(heartbeat);
      await teller.tell();
      await listener.hear().done;
      const before = await listener.epoch();
      const heard = listener.hear(testTimeoutMs);
      await heard.begun;
      await guest.restart();
      await guest.boot();
      const next = await rig.open(heartbeat, 'guest');
      expect(await listener.epoch()).toBe(before + 1);
      const beat = await next.tell();
      expect(await heard.done).toBe(beat);
      await expect(next.untilAnswered(beat).done).resolves.not.toBe('timed-out');
    },
    testTimeoutMs,
  );
});

it(
  'a machine whose locked instructions are not atomic against the host is refused by the guest driver',
  async () => {
    const { rig, guest } = await openWorld();
    const { machine, lines } = await guest.startOnly({ processors: '1', programs: [guestDriverProgram] });
    expect((await machine.ended).text).toBe("the guest's guest-driver exited with code 1");
    expect(lines.join('\n')).toMatch(
      /additions by guest and host were lost: .*thread=multi.*-smp 1,maxcpus=2/,
    );
    await guest[Symbol.asyncDispose]();
    await rig.end();
  },
  testTimeoutMs,
);
