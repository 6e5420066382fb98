// A ring of two records between its two ends, with all their sleeps. Bytes are words of the model too, so that a cursor that was published too early or too late shows as wrong bytes.
import { regionOffset } from '@vsoc/vsoc/layout';
import {
  openByteRingConsumer,
  openByteRingProducer,
  openPacketRingConsumer,
  openPacketRingProducer,
  type RingOptions,
  type RingRegion,
  ringWords,
} from '@vsoc/vsoc/rings';
import { futexes } from '../futex.js';
import type { Case, ThreadPlan } from '../model.js';
import { type Operation, perform } from '../operation.js';
import { add, at, type Space, select } from '../space.js';
import { sharedWords } from '../words.js';

const capacityBytes = 16;
const bytesOffset = 1024;
const ring = ringWords('guest');

interface SmallRing {
  readonly options: RingOptions;
  /** The region as one end sees it, with sleeps of its own. */
  region(end: string): RingRegion;
}

function smallRing(space: Space): SmallRing {
  const names = ring.fields.flatMap(({ name, offset }) => [[offset / 4, name] as const]);
  const words = sharedWords(space, 'ring', { names: namesAt(names) });
  const bytes = sharedWords(space, 'bytes');
  const futex = futexes(space);
  const view = new DataView(new ArrayBuffer(bytesOffset));
  return {
    options: {
      words: ring.over({ words, view }, 0),
      place: { offset: regionOffset(bytesOffset), sizeBytes: capacityBytes },
      recheckMs: Number.POSITIVE_INFINITY,
    },
    region(end) {
      const sleeper = futex.sleeper(end);
      return {
        bytes: (begin, endOffset) => sharedBytes(bytes, begin - bytesOffset, endOffset - bytesOffset),
        signalPeer: (word) => futex.wakeAll(words, word.offset >>> 2),
        async waitWhile(word, value) {
          while (word.load() === value) sleeper.waitWhile(words, word.offset >>> 2, value);
          return 'changed';
        },
      };
    },
  };
}

function namesAt(names: readonly (readonly [number, string])[]): string[] {
  const at: string[] = [];
  for (const [index, name] of names) at[index] = name;
  return at;
}

/** As much of a Uint8Array as the rings use of one. Four bytes are one word of the model: one operation copies them. */
function sharedBytes(bytes: Int32Array, begin: number, end: number): Uint8Array {
  const shared = {
    length: end - begin,
    set(from: ArrayLike<number>) {
      for (let at = 0; at < from.length; at += 4) bytes[(begin + at) / 4] = packed(from, at);
    },
  };
  let word = 0;
  for (let index = 0; index < shared.length; index++) {
    Object.defineProperty(shared, index, {
      get() {
        if (index % 4 === 0) word = bytes[(begin + index) / 4] ?? 0;
        return (word >>> (8 * (index % 4))) & 0xff;
      },
    });
  }
  return shared as unknown as Uint8Array;
}

function packed(from: ArrayLike<number>, at: number): number {
  let word = 0;
  for (let index = 0; index < 4; index++) word |= (from[at + index] ?? 0) << (8 * index);
  return word;
}

export interface RingsOptions {
  readonly name: string;
  readonly records: number;
  /** Both ends are open before the first record: what happens while they open is then no part of the model. */
  readonly opensFirst?: boolean;
  /** The producer publishes its cursor before it copies in. */
  readonly copiesLate?: boolean;
  /** What becomes of the producer's operations. */
  readonly alterProducer?: (operation: Operation) => Operation;
}

/** The bytes of record `serial`, all different from those of its neighbours. */
const recordAt = (serial: number, byteCount: number) =>
  Uint8Array.from({ length: byteCount }, (_, index) => 16 * (serial + 1) + index);

/** Records of 8 bytes through a ring of 16: each second one meets a full ring, each third one the ring's end. */
export function byteRing(options: RingsOptions): Case {
  const { name, records, opensFirst = false, copiesLate = false, alterProducer } = options;
  return {
    name,
    build(space) {
      const small = smallRing(space);
      const { pass, threads } = gate(space, opensFirst);
      const ringOptions = { ...small.options, granuleBytes: 8 };
      const [producing, consuming] = [small.region('producer'), small.region('consumer')];
      return {
        threads: {
          ...threads,
          producer: {
            startsAlone: opensFirst,
            ...(alterProducer ? { alter: alterProducer } : {}),
            async body() {
              const late = lateBytes(producing);
              const region = copiesLate ? late.region : producing;
              const producer = openByteRingProducer(region, ringOptions);
              pass();
              for (let serial = 0; serial < records; serial++) {
                await producer.untilWritable();
                expectEqual('written', producer.write(recordAt(serial, 8)), 8);
                late.copy();
              }
            },
          },
          consumer: {
            startsAlone: opensFirst,
            async body() {
              const consumer = openByteRingConsumer(consuming, { ...ringOptions, attach: 'unread' });
              pass();
              const into = new Uint8Array(8);
              for (let serial = 0; serial < records; serial++) {
                await consumer.untilReadable();
                expectEqual('read', consumer.read(into), 8);
                expectEqual(`record ${serial}`, into.join(), recordAt(serial, 8).join());
              }
              expectEqual('violations', consumer.counters.violations, 0);
            },
          },
        },
      };
    },
  };
}

/** Packets of 3 and 4 bytes, which take 8 each with their length. */
export function packetRing({ name, records, opensFirst = false, alterProducer }: RingsOptions): Case {
  return {
    name,
    build(space) {
      const small = smallRing(space);
      const { pass, threads } = gate(space, opensFirst);
      const [producing, consuming] = [small.region('producer'), small.region('consumer')];
      const packetAt = (serial: number) => recordAt(serial, 3 + (serial % 2));
      return {
        threads: {
          ...threads,
          producer: {
            startsAlone: opensFirst,
            ...(alterProducer ? { alter: alterProducer } : {}),
            async body() {
              const producer = openPacketRingProducer(producing, small.options);
              pass();
              for (let serial = 0; serial < records; serial++) {
                const packet = packetAt(serial);
                await producer.untilWritable({ byteCount: packet.length });
                expectEqual('write', producer.write(packet), 'written');
              }
            },
          },
          consumer: {
            startsAlone: opensFirst,
            async body() {
              const consumer = openPacketRingConsumer(consuming, { ...small.options, attach: 'unread' });
              pass();
              const into = new Uint8Array(4);
              for (let serial = 0; serial < records; serial++) {
                await consumer.untilReadable();
                const packet = packetAt(serial);
                expectEqual('read', consumer.read(into), packet.length);
                expectEqual(`packet ${serial}`, into.subarray(0, packet.length).join(), packet.join());
              }
              expectEqual('violations', consumer.counters.violations, 0);
            },
          },
        },
      };
    },
  };
}

interface Gate {
  pass(): void;
  readonly threads: Readonly<Record<string, ThreadPlan>>;
}

/** Ends that pass it open one after the other, and go on from there together. */
function gate(space: Space, wanted: boolean): Gate {
  if (!wanted) return { pass() {}, threads: {} };
  const open = space.cell('gate');
  return {
    pass: () => void select('both ends are open', [(memory) => at(memory, open.index) === 1]),
    threads: {
      gate: { body: () => void perform({ what: 'open', apply: (memory) => add(memory, open.index, 1) }) },
    },
  };
}

/** A region whose bytes are written only when `copy` says so. */
function lateBytes(region: RingRegion): { readonly region: RingRegion; copy(): void } {
  const copies: (() => void)[] = [];
  const bytes = (begin: number, end: number) => {
    const real = region.bytes(begin, end);
    return { length: real.length, set: (from: Uint8Array) => copies.push(() => real.set(from)) };
  };
  return {
    region: { ...region, bytes: bytes as unknown as RingRegion['bytes'] },
    copy() {
      for (const copy of copies.splice(0)) copy();
    },
  };
}

function expectEqual(what: string, seen: unknown, expected: unknown): void {
  if (seen !== expected) throw new Error(`${what}: expected ${expected}, saw ${seen}`);
}
