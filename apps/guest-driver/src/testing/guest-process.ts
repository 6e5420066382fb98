// A guest process for tests; its first argument behind `--` says what it does. Descriptors that the test hands it on
// begin at 6.
//   hold FIRST   claims page FIRST, fills it, and holds it until it ends
//   keep         holds what it inherited, and opens nothing
//   adopt        uses the token that it inherited, without ever opening a node but control
//   open-claimed FIRST  claims page FIRST with the token that it inherited for a witness
//   echo         answers each ping with a pong
import { once } from 'node:events';
import { OwnedFd } from '@vsoc/native';
import { runMain, runPaths } from '@vsoc/process';
import { firstPassedFd } from '@vsoc/process/launcher';
import type { VsocError } from '@vsoc/vsoc';
import { type Description, type GuestDevice, openGuest } from '@vsoc/vsoc/guest';
import { claimOf } from './claims.js';
import { areas, keeper, signals } from './regions.js';

type Ready = (info?: object) => void;
type Verb = (device: () => Promise<GuestDevice>, ready: Ready, signal: AbortSignal) => Promise<void>;

const verbs: Readonly<Record<string, Verb>> = {
  async hold(open, ready, signal) {
    using device = await open();
    using manager = await device.open(keeper);
    using managed = await device.openManaged(areas);
    const claim = await claimOf(manager, managed, { first: Number(argument()) });
    const outcome = await manager.description.claim(managed, claim);
    using lease = await managed.lease();
    lease.bytes.fill(0xab);
    ready({ outcome });
    await once(signal, 'abort');
  },

  async keep(_open, ready, signal) {
    ready();
    await once(signal, 'abort');
  },

  async adopt(open, ready, signal) {
    using device = await open();
    using description = device.adopt(OwnedFd.own(firstPassedFd, 'inherited token'));
    const { deviceName } = await description.describe();
    const claim = await description.permission();
    using lease = await description.lease();
    ready({ deviceName, claim, firstByte: lease.bytes[0], lengthBytes: lease.bytes.byteLength });
    await once(signal, 'abort');
  },

  async 'open-claimed'(open, ready, signal) {
    using device = await open();
    using manager = await device.open(keeper);
    using witness = device.adopt(OwnedFd.own(firstPassedFd, 'inherited token'));
    const claim = await claimOf(manager, witness, { first: Number(argument()) });
    ready(await outcomeOf(manager.description.openClaimed(witness, claim)));
    await once(signal, 'abort');
  },

  async echo(open, ready, signal) {
    using device = await open();
    using region = await device.open(signals);
    const { ping, pong } = region.data;
    let seen = ping.load();
    pong.store(seen);
    ready();
    for (;;) {
      await region.waitWhile(ping, seen, { signal });
      seen = ping.load();
      pong.store(seen);
      region.signal(pong);
    }
  },
};

async function outcomeOf(asking: Promise<Description | 'contended'>): Promise<object> {
  try {
    const opened = await asking;
    if (opened === 'contended') return { outcome: opened };
    using _opened = opened;
    return { outcome: 'granted' };
  } catch (error) {
    const { code, message } = error as VsocError;
    return { code, message };
  }
}

const words = process.argv.slice(process.argv.indexOf('--') + 1);
const argument = () => words[1];

runMain('guest-process', ({ ready, signal }) => {
  const verb = verbs[words[0] ?? ''];
  if (!verb) throw new Error(`expected one of ${Object.keys(verbs).join(', ')}, saw ${words[0]}`);
  const { deviceDir } = runPaths(process.argv[process.argv.indexOf('--run-dir') + 1] ?? '.');
  return verb(() => openGuest({ deviceDirectory: deviceDir }), ready, signal);
});
