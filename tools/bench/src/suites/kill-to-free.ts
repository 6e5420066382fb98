// SIGKILL of the only holder of an area, until the area's owner word reads FREE: the kernel takes the process down,
// guest-driver sees the token's hang-up, zeroes the area and writes the word. A plain pipe that the same process
// held tells the kernel's part apart.
import { setImmediate } from 'node:timers/promises';
import { createPipe, watch } from '@vsoc/native';
import { connectHost, type HostRegion } from '@vsoc/vsoc/host';
import { regionFree, system } from '@vsoc/vsoc/layout';
import type { Bench, BenchContext } from '../bench.js';
import { areaBytes, benchManager, benchMemory } from '../bench-region.js';
import { startPeer } from '../peer.js';
import { openRig, type Rig } from '../rig.js';
import { goalRow, row } from '../row.js';
import { median, spread } from '../statistics.js';

const name = 'budget/kill-to-free';
const timeoutMs = 5_000;
const killsPerRound = 3;
/** Free again within 1 ms of the hang-up, and 30 µs for each MiB to zero. */
const goalUs = 1_000 + (30 * areaBytes) / (1024 * 1024);

interface Kill {
  readonly toHangUpUs: number;
  readonly toFreeUs: number;
}

async function killOnce(
  rig: Rig,
  manager: HostRegion<typeof benchManager>,
  signal: AbortSignal,
): Promise<Kill> {
  const pipe = createPipe();
  using hangUpEnd = pipe.read;
  using holdersEnd = pipe.write;
  const size = { trips: 1, warmUp: 0 };
  const { child } = startPeer({
    program: 'holder',
    size,
    cpu: -1,
    words: [rig.paths.runDir],
    fds: [holdersEnd.fd],
  });
  try {
    await child.ready;
    holdersEnd[Symbol.dispose](); // the holder's copy is now the last one
    return await observe(hangUpEnd.fd, manager, () => child.kill('SIGKILL'), signal);
  } finally {
    child.kill('SIGKILL');
    await child.ended;
  }
}

/** Looks again in every turn of the loop, so to within a few µs, and the loop stays able to see the hang-up. */
async function observe(
  pipeFd: number,
  manager: HostRegion<typeof benchManager>,
  kill: () => void,
  signal: AbortSignal,
): Promise<Kill> {
  const { owner } = manager.data;
  let hungUpNs = 0n;
  let freeNs = 0n;
  using _hangUp = watch(pipeFd, 'hang-up', () => {
    hungUpNs = process.hrtime.bigint();
  });
  const startNs = process.hrtime.bigint();
  const deadlineNs = startNs + BigInt(timeoutMs) * 1_000_000n;
  kill();
  while (hungUpNs === 0n || freeNs === 0n) {
    await setImmediate();
    signal.throwIfAborted();
    const nowNs = process.hrtime.bigint();
    if (freeNs === 0n && owner.load() === regionFree) freeNs = nowNs;
    if (nowNs > deadlineNs) throw new Error(`not free ${timeoutMs} ms after the kill`);
  }
  return { toHangUpUs: Number(hungUpNs - startNs) / 1000, toFreeUs: Number(freeNs - startNs) / 1000 };
}

export const killToFree: Bench = {
  name,
  about: 'SIGKILL of the holder of 1 MiB until its owner word reads FREE',
  async run({ signal, rounds }: BenchContext) {
    await using rig = await openRig([system, benchManager, benchMemory]);
    using host = await connectHost({ serverSocket: rig.paths.serverSocket });
    using manager = await host.open(benchManager);
    const kills: Kill[] = [];
    while (kills.length < rounds * killsPerRound) kills.push(await killOnce(rig, manager, signal));
    const toFree = kills.map(({ toFreeUs }) => toFreeUs);
    const toHangUp = kills.map(({ toHangUpUs }) => toHangUpUs);
    const afterHangUp = kills.map(({ toFreeUs, toHangUpUs }) => toFreeUs - toHangUpUs);
    return [
      row({
        name,
        unit: 'µs',
        ours: median(toFree),
        anchor: median(toHangUp),
        anchorName: 'kernel: kill to hang-up of a pipe',
        spread: { ours: spread(toFree), anchor: spread(toHangUp) },
        note: 'mostly the kernel taking a Node process down; the next row is the part that is ours',
      }),
      goalRow({ name: `${name}/after-hang-up`, unit: 'µs', ours: median(afterHangUp), goal: goalUs }),
    ];
  },
};
