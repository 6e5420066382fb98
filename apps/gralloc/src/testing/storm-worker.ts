// storm-worker --run-dir DIR --place P --workers N --seed S: one of N guest processes that allocate, send one another,
// duplicate, free and look at buffers at random until told to end. Ends with an error at the first byte that is not the
// buffer's own. Reports what it did since its last report, so that little is unknown of one that is killed.
import { setTimeout as later, setImmediate as nextTurn } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { runMain, runPaths } from '@vsoc/process';
import { type SeededRandom, seededRandom } from '@vsoc/testkit';
import { openGuest } from '@vsoc/vsoc/guest';
import type { GraphicsBuffer } from '../buffer.js';
import { type Gralloc, openGralloc } from '../guest.js';
import { grallocManager } from '../layout.js';
import { allocatorSocketOf } from '../sockets.js';
import { createHoard, type Hoard } from './hoard.js';
import { randomRequest } from './random-request.js';
import type { Counted, Operation, StormCounts } from './storm-counts.js';
import { openStormPeers, type StormPeers } from './storm-peers.js';

/** Holders at a time in one process; one more, and it frees. */
const holderLimit = 40;
/** Operations between two reports. */
const reportEvery = 50;
/** Each operation as often as it stands here. Frees keep the balance with what is allocated, received and duplicated. */
const mix: readonly Exclude<Operation, 'receive'>[] = [
  ...(['allocate', 'allocate', 'allocate', 'allocate', 'send', 'send', 'send'] as const),
  ...(['duplicate', 'free', 'free', 'free', 'free', 'free', 'look'] as const),
];

interface Storm {
  readonly gralloc: Gralloc;
  readonly hoard: Hoard;
  readonly peers: StormPeers;
  readonly random: SeededRandom;
  readonly count: (what: Counted) => void;
}

runMain('storm-worker', async ({ signal, ready, report }) => {
  const { values } = parseArgs({
    options: {
      'run-dir': { type: 'string', default: '.' },
      place: { type: 'string', default: '0' },
      workers: { type: 'string', default: '1' },
      seed: { type: 'string', default: '1' },
    },
  });
  const paths = runPaths(values['run-dir']);
  let counts: StormCounts = {};
  let done = 0;
  const count = (what: Counted) => {
    counts[what] = (counts[what] ?? 0) + 1;
    done++;
  };
  using device = await openGuest({ deviceDirectory: paths.deviceDir });
  using manager = await device.open(grallocManager);
  using gralloc = await openGralloc(device, { allocatorSocket: allocatorSocketOf(paths) });
  using hoard = createHoard(manager.data);
  using peers = openStormPeers({
    guestDir: paths.guestDir,
    place: Number(values.place),
    workers: Number(values.workers),
    async onMessage(message, fds) {
      const buffer = await gralloc.receive(message, fds);
      hoard.add(buffer);
      hoard.look(buffer);
      count('receive');
    },
  });
  const random = seededRandom(`storm worker ${values.place}`, Number(values.seed));
  ready();
  while (!signal.aborted) {
    await operate({ gralloc, hoard, peers, random, count });
    // What others sent gets its turn between operations that wait for nothing.
    await nextTurn();
    if (done < reportEvery) continue;
    report({ done: counts });
    counts = {};
    done = 0;
  }
  await peers.settle();
  for (const buffer of hoard.all()) hoard.free(buffer);
  report({ done: counts });
});

async function operate(storm: Storm): Promise<void> {
  const { hoard, random, count } = storm;
  const buffers = hoard.all();
  const operation = buffers.length >= holderLimit ? 'free' : random.pick(mix);
  if (operation === 'allocate') return allocateSome(storm);
  if (buffers.length === 0) return;
  const buffer = random.pick(buffers);
  hoard.look(buffer);
  if (operation === 'send') return send(storm, buffer);
  if (operation === 'duplicate') {
    const twin = await buffer.duplicate();
    hoard.add(twin);
    hoard.look(twin);
  }
  if (operation === 'free') hoard.free(buffer);
  count(operation);
}

/** One to three at a time, so that a death meets requests that wait behind one another. */
async function allocateSome(storm: Storm): Promise<void> {
  const number = 1 + storm.random.below(3);
  await Promise.all(Array.from({ length: number }, () => allocate(storm)));
}

async function allocate({ gralloc, hoard, random, count }: Storm): Promise<void> {
  const outcome = await gralloc.allocate(randomRequest(random)).catch(deathOfAllocator);
  if ('refused' in outcome) {
    count(outcome.refused);
    // Its successor needs the processor more than anybody.
    if (outcome.refused === 'no allocator') await later(1);
    return;
  }
  hoard.addFresh(outcome);
  count('allocate');
}

/** ENOENT: its successor is just replacing the socket. */
const allocatorDied = new Set(['ECONNRESET', 'ECONNREFUSED', 'ENOENT']);

function deathOfAllocator(error: { code?: string }): { refused: 'no allocator' } {
  if (!allocatorDied.has(error.code ?? '')) throw error;
  return { refused: 'no allocator' };
}

/** Half of them are handed over: the sender lets go at once. */
function send({ gralloc, hoard, peers, random, count }: Storm, buffer: GraphicsBuffer): void {
  const peer = peers.connect(random);
  const isSent = peer !== undefined && gralloc.send(peer, buffer);
  count(isSent ? 'send' : 'no receiver');
  if (!isSent) return;
  if (random.below(2) === 0) hoard.free(buffer);
}
