// SIGKILL between every two steps of a signal, on both sides, with no slow timer: who waits sees the change all the same,
// on the other side and on the poster's own, because the poster's side keeps watch over it.
import { createSocketPair, type OwnedFd, receiveMessage, waitReadable } from '@vsoc/native';
import type { Child } from '@vsoc/process/launcher';
import type { AtomicWord } from '@vsoc/struct';
import { wholeFileMs } from '@vsoc/testkit';
import { sharedByTests } from '@vsoc/testkit/hooks';
import { type GuestRegion, openGuest } from '@vsoc/vsoc/guest';
import { connectHost, type HostRegion } from '@vsoc/vsoc/host';
import { insert, raise } from '@vsoc/vsoc/signalling';
import { ring } from '@vsoc/vsoc/wire';
import { afterEach, describe, expect, it } from 'vitest';
import { signalSteps, tableIn } from '../src/stress/poster.js';
import { stressRegion } from '../src/stress/region.js';
import { startStressWorld } from './stress-world.js';

/** A watchdog, far above what a keeper takes, and no slow timer comes before it: there is none. */
const arrivalMs = 60_000;

const world = sharedByTests(() => startStressWorld(wholeFileMs));
const hostDevice = sharedByTests(() => {
  const { serverSocket } = world.processes.paths;
  return connectHost({ serverSocket, slowTimer: 'off' });
});
const guestDevice = sharedByTests(() => openGuest({ deviceDirectory: world.processes.paths.deviceDir }));
const host = sharedByTests(() => hostDevice.open(stressRegion));
const guest = sharedByTests(() => guestDevice.open(stressRegion));

/**
 * Whose process has died rings for it, and that must not reach the next test: once both keepers have answered what was
 * asked after the death, and this process's own loop has turned, they have.
 */
afterEach(async () => {
  for (let round = 0; round < 3; round++) {
    await expect(hostDevice.open({ ...stressRegion, name: 'nowhere' })).rejects.toMatchObject({
      code: 'ENOENT',
    });
    await guest.description.describe();
    await new Promise(setImmediate);
  }
});

type Side = 'guest' | 'host';

interface Waiting {
  readonly arrived: { readonly host: boolean; readonly guest: boolean };
  /** Resolves when both have seen the change; the time for that begins with this call. */
  arrival(): Promise<unknown>;
}

/** The waits of both sides for the next change of a word of `side`. */
function awaitChange(side: Side, index: number): Waiting {
  const list = side === 'guest' ? 'up' : 'down';
  const late = new AbortController();
  const arrived = { host: false, guest: false };
  const waitIn = async (
    region: HostRegion<typeof stressRegion> | GuestRegion<typeof stressRegion>,
    where: Side,
  ) => {
    const word: AtomicWord = region.data[list].at(index);
    await region.waitWhile(word, word.load(), { signal: late.signal });
    arrived[where] = true;
  };
  const all = Promise.all([waitIn(host, 'host'), waitIn(guest, 'guest')]);
  all.catch(() => {}); // told to who asks for the arrival
  return {
    arrived,
    async arrival() {
      const timer = setTimeout(() => late.abort(new Error(`seen by ${JSON.stringify(arrived)}`)), arrivalMs);
      await all.finally(() => clearTimeout(timer));
    },
  };
}

async function kill(child: Child): Promise<void> {
  child.kill('SIGKILL');
  await child.ended;
}

async function startPoster(side: Side, steps: number, word = 0) {
  return await world.start(`${side}-poster`, { steps, word });
}

const sides: readonly Side[] = ['guest', 'host'];
const cases = sides.flatMap((side) => signalSteps.map((step, index) => [side, step, index + 1] as const));

describe('SIGKILL of a poster', () => {
  it.each(cases)('of the %s’s side after the step “%s”', async (side, _step, steps) => {
    const waiting = awaitChange(side, 0);
    const { child } = await startPoster(side, steps);
    // Before the doorbell is rung nobody can know: what is seen after the kill is seen because of it.
    if (steps < signalSteps.indexOf('ring') + 1)
      expect(waiting.arrived).toEqual({ host: false, guest: false });
    await kill(child);
    await waiting.arrival();
  });

  it.each(sides)(
    'of the %s’s side before its doorbell: the signals of others that did not ring arrive too',
    async (side) => {
      const [dead, living] = [awaitChange(side, 0), awaitChange(side, 1)];
      const poster = await startPoster(side, signalSteps.indexOf('raise') + 1);
      // It finds the interrupt word raised, and is right not to ring.
      postWithoutNeed(side, 1);
      expect([dead.arrived, living.arrived]).toEqual(Array(2).fill({ host: false, guest: false }));
      await kill(poster.child);
      await Promise.all([dead.arrival(), living.arrival()]);
    },
  );

  it('of the guest’s side whose token another process holds', async () => {
    const [ours, theirs] = createSocketPair('seqpacket');
    const waiting = awaitChange('guest', 0);
    const child = await world.processes.start({
      name: 'guest-poster',
      program: 'packages/testkit/dist/stress/guest-poster.js',
      args: ['--steps', '3', '--give-token'],
      fds: [theirs.fd],
    });
    theirs[Symbol.dispose]();
    using token = takeToken(ours);
    ours[Symbol.dispose]();
    expect(token.closed).toBe(false);
    await kill(child);
    await waiting.arrival();
  });
});

/** A whole post of a living poster, this process: hint and raise, and a ring only where the word was not raised. */
function postWithoutNeed(side: Side, index: number): void {
  const region = side === 'guest' ? guest : host;
  const word: AtomicWord = region.data[side === 'guest' ? 'up' : 'down'].at(index);
  word.store(word.load() + 1);
  region.signalPeer(word);
}

function takeToken(socket: OwnedFd): OwnedFd {
  waitReadable(socket.fd, arrivalMs);
  const message = receiveMessage(socket.fd, new Uint8Array(16));
  if (message === 'would-block') throw new Error('no token came');
  const [token] = message.fds;
  if (token === undefined) throw new Error('a message without a token came');
  return token;
}

describe('SIGKILL of a host process in mid-drain', () => {
  it('leaves nobody asleep: what it took out of the table is seen by the others all the same', async () => {
    const drainer = await world.start('host-drainer', {});
    const table = tableIn(guest.share(), guest.layout.guestToHost);
    const waits = [0, 1, 2].map((index) => awaitChange('guest', index));
    const words = [0, 1, 2].map((index) => guest.data.up.at(index));
    for (const word of words) {
      word.store(word.load() + 1);
      insert(table, word.offset);
    }
    raise(table);
    guest.data.up.at(3).store(1);
    const drained = await drainer.reported<{ wasRaised: boolean; taken: number }>('drained');
    expect(drained).toEqual({ wasRaised: true, taken: 1 });
    // The poster's last step comes only now: the drainer was faster than the doorbell.
    ring(guest.share().doorbell);
    await Promise.all(waits.map(({ arrived }) => untilTrue(() => arrived.host)));
    await kill(drainer.child);
    // This process waits on the guest's side too, where nobody but the guest driver's own signals wake.
    for (const word of words) guest.signal(word);
    await Promise.all(waits.map((wait) => wait.arrival()));
  });
});

async function untilTrue(holds: () => boolean): Promise<void> {
  const untilMs = performance.now() + arrivalMs;
  while (!holds()) {
    if (performance.now() > untilMs) throw new Error('it does not come true');
    await new Promise((resolve) => setImmediate(resolve));
  }
}
