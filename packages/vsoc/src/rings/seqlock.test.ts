// Records under a sequence word: whole or not at all, whoever writes at the same time, and nobody waits.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { createSealedMemfd, mapWindow, type OwnedFd, type WindowMapping } from '@vsoc/native';
import type { View } from '@vsoc/struct';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readRecord, writeRecord } from './seqlock.js';
import { fillRecord, isWhole, record, recordBytes } from './testing/record.js';

let memfd: OwnedFd;
let mapping: WindowMapping;
let view: View<typeof record>;
let bytes: DataView;

beforeEach(() => {
  memfd = createSealedMemfd('record', recordBytes);
  mapping = mapWindow(memfd.fd, recordBytes);
  bytes = new DataView(mapping.buffer);
  view = record.over({ words: new Int32Array(mapping.buffer), view: bytes }, 0);
});
afterEach(() => {
  // For a writer that a failed test left behind.
  view.stop.store(1);
  mapping[Symbol.dispose]();
  memfd[Symbol.dispose]();
});

const write = (number: number) => writeRecord(view.sequence, () => fillRecord(view, number));
const read = (attempts?: number) => readRecord(view.sequence, () => record.read(bytes, 0), attempts);

describe('writeRecord', () => {
  test('writes inside an odd sequence and leaves the next even one', () => {
    const seen: number[] = [];
    const written = writeRecord(view.sequence, () => seen.push(view.sequence.load()));
    expect([seen, written, view.sequence.load()]).toEqual([[1], 2, 2]);
    expect(write(1)).toBe(4);
  });

  test('goes on where a writer died inside', () => {
    view.sequence.store(7);
    expect(write(1)).toBe(8);
    expect(read()?.sequence).toBe(8);
  });

  test('wraps from the last odd number to 0', () => {
    view.sequence.store(0xffff_fffe);
    expect(write(1)).toBe(0);
    expect(read()?.sequence).toBe(0);
  });
});

describe('readRecord', () => {
  test('gives the record and the sequence that it was read under', () => {
    write(42);
    expect(read()).toMatchObject({ sequence: 2, value: { number: 42 } });
  });

  test('gives up on a word that stays odd, after as many tries as it was told', () => {
    view.sequence.store(1);
    let reads = 0;
    expect(readRecord(view.sequence, () => reads++, 1000)).toBeUndefined();
    expect(reads).toBe(0);
  });

  test('gives up on a record that is written during each try', () => {
    let reads = 0;
    const outcome = readRecord(
      view.sequence,
      () => {
        reads++;
        write(reads);
      },
      5,
    );
    expect([outcome, reads]).toEqual([undefined, 5]);
  });

  test('reads again when the first try was spoiled', () => {
    let reads = 0;
    const outcome = readRecord(view.sequence, () => {
      if (reads++ === 0) write(9);
      return view.number;
    });
    expect(outcome).toEqual({ sequence: 2, value: 9 });
  });

  test('notices a writer that began and has not ended', () => {
    let reads = 0;
    const outcome = readRecord(view.sequence, () => {
      reads++;
      view.sequence.store(1);
    });
    expect([outcome, reads]).toEqual([undefined, 1]);
  });
});

describe('a writer in another process that never rests', () => {
  const program = fileURLToPath(new URL('../../dist/rings/testing/record-writer.js', import.meta.url));

  function startWriter(): ChildProcess {
    return spawn(process.execPath, [program], { stdio: ['ignore', 'inherit', 'inherit', memfd.fd] });
  }

  /** Reads until so many records were seen; how many of them were torn. */
  function countTorn(wanted: number): number {
    let torn = 0;
    for (let seen = 0; seen < wanted; ) {
      const outcome = read();
      if (!outcome) continue;
      seen++;
      if (!isWhole(outcome.value)) torn++;
    }
    return torn;
  }

  test('never gives a torn record', async () => {
    write(0);
    const writer = startWriter();
    const ended = once(writer, 'exit');
    while (view.sequence.load() < 100) await new Promise((resolve) => setImmediate(resolve));
    // Without the sequence it does happen, or this test would prove nothing.
    while (isWhole(record.read(bytes, 0))) await new Promise((resolve) => setImmediate(resolve));
    const before = view.sequence.load();
    expect(countTorn(5000)).toBe(0);
    expect(view.sequence.load()).toBeGreaterThan(before);
    view.stop.store(1);
    expect((await ended)[0]).toBe(0);
  });

  test('leaves a record that its successor makes whole again, wherever it is killed', async () => {
    write(0);
    for (let life = 0; life < 5; life++) {
      const before = view.sequence.load();
      const writer = startWriter();
      const ended = once(writer, 'exit');
      while (view.sequence.load() < before + 100) await new Promise((resolve) => setImmediate(resolve));
      writer.kill('SIGKILL');
      await ended;
      const left = read();
      expect(left === undefined || isWhole(left.value)).toBe(true);
      write(life);
      expect(read()?.value.number).toBe(life);
    }
  });
});
