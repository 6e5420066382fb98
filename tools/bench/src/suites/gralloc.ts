// What a graphics buffer costs: allocated, mapped, filled and freed, beside a memfd that a C program does the same with;
// handed to another process, beside a memfd handed on; and free again after its last holder has let go. Through the real
// allocator and guest-driver.
import { grallocManager, grallocMemory } from '@vsoc/gralloc/layout';
import { createSocketPair } from '@vsoc/native';
import { system } from '@vsoc/vsoc/layout';
import { alternate } from '../alternate.js';
import type { Bench, BenchContext } from '../bench.js';
import { compileAnchor, type RoundSize } from '../c-program.js';
import { type PeerRound, runPeers } from '../peer.js';
import { type Placement, pin, placements } from '../placement.js';
import { openRig } from '../rig.js';
import { type Goal, type MeasuredRow, row } from '../row.js';
import { roundTripRows } from './round-trip.js';

const mebibyte = 1024 * 1024;
const memoryBytes = 64 * mebibyte;

interface BufferSize {
  readonly label: '64k' | '1m' | '8m';
  readonly sizeBytes: number;
  readonly round: RoundSize;
}

const small: BufferSize = { label: '64k', sizeBytes: 64 * 1024, round: { trips: 1_000, warmUp: 300 } };
const medium: BufferSize = { label: '1m', sizeBytes: mebibyte, round: { trips: 500, warmUp: 200 } };
const large: BufferSize = { label: '8m', sizeBytes: 8 * mebibyte, round: { trips: 100, warmUp: 20 } };

/** What `first` measures is kept, so all of it must fit. */
const firstRound: RoundSize = { trips: 48, warmUp: 200 };

/** Server, driver and allocator, and how processes of a round are placed among them. */
async function openGrallocRig() {
  const rig = await openRig([system, grallocManager, grallocMemory], {
    tailBytes: { [grallocMemory.name]: memoryBytes },
  });
  try {
    // One client at a time: the whole memory is its budget.
    const budget = ['--budget-bytes', String(memoryBytes)];
    const allocator = await rig.start('gralloc', 'gralloc/dist/bin/allocator.js', budget);
    return {
      runDir: rig.paths.runDir,
      place({ there }: Placement): void {
        for (const { pid } of [rig.guestDriver, allocator]) if (pid !== undefined) pin(pid, there);
      },
      [Symbol.asyncDispose]: () => rig[Symbol.asyncDispose](),
    };
  } catch (error) {
    await rig[Symbol.asyncDispose]();
    throw error;
  }
}

type GrallocRig = Awaited<ReturnType<typeof openGrallocRig>>;

function cycleBench(size: BufferSize, goals: { readonly p50?: Goal }, parts: readonly string[]): Bench {
  const name = `gralloc/cycle/${size.label}`;
  return {
    name,
    about: `allocating, mapping, filling and freeing ${size.label}`,
    async run(context) {
      await using rig = await openGrallocRig();
      const rows: MeasuredRow[] = [];
      for (const placement of placements()) {
        const prefix = `${name}/${placement.name}`;
        const figures = await comparePart(rig, size, { part: 'cycle', placement, context });
        rows.push(...roundTripRows({ name: prefix, anchorName: 'C memfd', figures, goals }));
        for (const part of parts) {
          const round = part === 'first' ? firstRound : size.round;
          const { p50Ns } = await comparePart(rig, { ...size, round }, { part, placement, context });
          const { ours, anchor, spread } = p50Ns;
          const figure = { unit: 'µs', ours: ours / 1000, anchor: anchor / 1000, spread };
          rows.push(row({ name: `${prefix}/${part}`, anchorName: `C memfd: ${part}`, ...figure }));
        }
      }
      return rows;
    },
  };
}

interface PartRun {
  readonly part: string;
  readonly placement: Placement;
  readonly context: BenchContext;
}

async function comparePart(rig: GrallocRig, size: BufferSize, { part, placement, context }: PartRun) {
  const { signal, rounds, say } = context;
  const words = [String(size.sizeBytes), part];
  const anchor = await compileAnchor({ program: 'memfd', size: size.round, placement, words });
  rig.place(placement);
  let refusals = 0;
  const peers: PeerRound = {
    measuring: {
      program: 'gralloc-cycle',
      size: size.round,
      cpu: placement.here,
      words: [rig.runDir, ...words],
    },
    onReport: (report) => {
      refusals += 'refusals' in report ? Number(report.refusals) : 0;
    },
  };
  const figures = await alternate(
    { ours: { round: () => runPeers(peers, signal) }, anchor },
    { rounds, signal },
  );
  if (refusals > 0) say(`bench: ${part} of ${size.label}: waited ${refusals} times for areas being zeroed`);
  return figures;
}

const passBench: Bench = {
  name: 'gralloc/pass',
  about: 'handing a buffer of 1 MiB to another process, which maps it and reads a byte',
  async run({ signal, rounds }) {
    await using rig = await openGrallocRig();
    const rows: MeasuredRow[] = [];
    const size = { trips: 2_000, warmUp: 500 };
    const sizeWord = String(medium.sizeBytes);
    for (const placement of placements()) {
      const anchor = await compileAnchor({ program: 'pass', size, placement, words: [sizeWord] });
      rig.place(placement);
      const round = async () => {
        const [sender, receiver] = createSocketPair('seqpacket');
        using senders = sender;
        using receivers = receiver;
        const words = [rig.runDir, sizeWord];
        return await runPeers(
          {
            measuring: { program: 'gralloc-sender', size, cpu: placement.here, words, fds: [senders.fd] },
            answering: [
              { program: 'gralloc-receiver', size, cpu: placement.there, words, fds: [receivers.fd] },
            ],
          },
          signal,
        );
      };
      const figures = await alternate({ ours: { round }, anchor }, { rounds, signal });
      const goals = { p50: { timesAnchor: 2.5 } };
      const name = `gralloc/pass/${placement.name}`;
      rows.push(...roundTripRows({ name, anchorName: 'C memfd, SCM_RIGHTS', figures, goals }));
    }
    return rows;
  },
};

function freeBench({ label, sizeBytes, round: size }: BufferSize): Bench {
  const name = `gralloc/free/${label}`;
  return {
    name,
    about: `the last holder of ${label} lets go until the owner word reads FREE`,
    async run({ signal, rounds }) {
      // The client spins for the owner word: it and the driver want a core each.
      const placement = placements().at(-1);
      if (!placement) throw new Error('no placement of processes on this machine');
      await using rig = await openGrallocRig();
      rig.place(placement);
      const anchor = await compileAnchor({ program: 'zero', size, placement, words: [String(sizeBytes)] });
      const words = [rig.runDir, String(sizeBytes)];
      const measuring = { program: 'gralloc-freer', size, cpu: placement.here, words };
      const round = () => runPeers({ measuring }, signal);
      const figures = await alternate({ ours: { round }, anchor }, { rounds, signal });
      const goal = { bound: 1_000 + (30 * sizeBytes) / mebibyte };
      return roundTripRows({ name, anchorName: 'C memset', figures, goals: { p50: goal, p99: goal } });
    },
  };
}

export const grallocBenches: readonly Bench[] = [
  cycleBench(small, {}, []),
  cycleBench(medium, { p50: { timesAnchor: 0.3 } }, ['allocate', 'fill', 'free', 'first']),
  cycleBench(large, {}, []),
  passBench,
  freeBench(medium),
  freeBench(large),
];
