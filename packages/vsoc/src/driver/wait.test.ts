// COND_WAIT and COND_WAKE: every error in its order, every ending, and the wakes that were counted until then.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ioctlNumber } from '../layout/index.js';
import { insert, post, raise } from '../signalling/index.js';
import {
  type Call,
  type CondWaitFields,
  condWaitBytes,
  type DriverWorld,
  openDriverWorld,
  wakesOf,
} from '../testing/driver-world.js';
import { keeper, plain } from '../testing/window.js';
import type { Description } from './description.js';

let world: DriverWorld;
let description: Description;
let words: Int32Array;
let first: number;
let second: number;

beforeEach(() => {
  world = openDriverWorld();
  description = world.open(plain);
  words = world.window.memory(plain.name).words;
  first = world.window.region(plain.name).dataOffset;
  second = first + 4;
});
afterEach(() => {
  world[Symbol.dispose]();
});

const nowNs = () => process.hrtime.bigint();
const minuteNs = 60_000_000_000n;
const wait = (fields: CondWaitFields, on = description) =>
  world.ioctl(on, ioctlNumber.condWait, { bytes: condWaitBytes(fields) });
const wake = (argument: number, on = description) => world.ioctl(on, ioctlNumber.condWake, { argument });
const edge = () => world.driver.interrupt(world.window.region(plain.name).index);
/** Code and wakes; undefined while it sleeps. */
const ending = ({ answer }: Call) => answer && [answer.code ?? 'ok', wakesOf(answer)];

describe('a word that may not be waited on or woken', () => {
  const size = () => world.window.memory(plain.name).sizeBytes;

  test.each([1, 2, 3, 0xffff_ffff])('is EADDRNOTAVAIL when it is not 4-aligned: %i', (offset) => {
    expect(wait({ offset }).answer).toMatchObject({ code: 'EADDRNOTAVAIL', text: expect.any(String) });
    expect(wake(offset).answer).toMatchObject({ code: 'EADDRNOTAVAIL' });
  });

  test('is E2BIG from the end of the region on; the word before it is the last', () => {
    for (const offset of [size(), size() + 4, 0xffff_fffc]) {
      expect(wait({ offset }).answer).toMatchObject({ code: 'E2BIG' });
      expect(wake(offset).answer).toMatchObject({ code: 'E2BIG' });
    }
    expect(wait({ offset: size() - 4 }).answer).toBeUndefined();
    expect(wake(size() - 4).answer).toMatchObject({ code: undefined });
  });

  test.each([0, 3, 0xffff_ffff])('wait type %i is EINVAL', (waitType) => {
    expect(wait({ offset: first, waitType }).answer).toMatchObject({ code: 'EINVAL' });
  });

  test('a second of nanoseconds is EINVAL, also where no deadline counts', () => {
    for (const waitType of [1, 2]) {
      const { answer } = wait({ offset: first, waitType, wakeTimeNsec: 1_000_000_000 });
      expect(answer).toMatchObject({ code: 'EINVAL' });
    }
    expect(wait({ offset: first, waitType: 1, wakeTimeNsec: 999_999_999 }).answer).toBeUndefined();
  });

  test.each<[string, Partial<CondWaitFields> & { past?: boolean }]>([
    ['EADDRNOTAVAIL', { offset: 0xffff_ffff }],
    ['E2BIG', { past: true, waitType: 9 }],
    ['EINVAL', { waitType: 9, wakeTimeNsec: 0xffff_ffff }],
  ])('the earlier of two errors is reported: %s', (code, { past, ...fields }) => {
    expect(wait({ offset: past ? size() : first, ...fields }).answer).toMatchObject({ code });
  });

  test('an error reports no wakes, whatever the process wrote there', () => {
    expect(ending(wait({ offset: 2, wakes: 99 }))).toEqual(['EADDRNOTAVAIL', 0]);
  });

  test('an argument that is cut short is EINVAL', () => {
    const bytes = condWaitBytes({ offset: first }).subarray(0, 8);
    expect(world.ioctl(description, ioctlNumber.condWait, { bytes }).answer).toMatchObject({
      code: 'EINVAL',
    });
  });
});

describe('COND_WAIT', () => {
  test.each([1, 2])('returns at once when the word differs: type %i', (waitType) => {
    words[first >>> 2] = 5;
    expect(ending(wait({ offset: first, value: 4, waitType, wakes: 7 }))).toEqual(['ok', 0]);
  });

  test('succeeds for a changed word although its deadline is long past', () => {
    words[first >>> 2] = 5;
    expect(ending(wait({ offset: first, value: 0, deadlineNs: 1n }))).toEqual(['ok', 0]);
  });

  test('compares all 32 bits, as unsigned', () => {
    words[first >>> 2] = -1;
    expect(wait({ offset: first, value: 0xffff_ffff }).answer).toBeUndefined();
  });

  test('is ETIMEDOUT once the deadline has passed, and not before', async () => {
    const deadlineNs = nowNs() + 20_000_000n;
    const call = wait({ offset: first, deadlineNs });
    expect(call.answer).toBeUndefined();
    const answer = await call.ended;
    expect(nowNs()).toBeGreaterThanOrEqual(deadlineNs);
    expect([answer.code, wakesOf(answer)]).toEqual(['ETIMEDOUT', 0]);
  });

  test('succeeds at its deadline for a word that changed and of which nobody said so, with no wake', async () => {
    const call = wait({ offset: first, deadlineNs: nowNs() + 20_000_000n });
    words[first >>> 2] = 1;
    const answer = await call.ended;
    expect([answer.code, wakesOf(answer)]).toEqual([undefined, 0]);
  });

  test('is ETIMEDOUT for an unchanged word whose deadline is past already', async () => {
    expect(await wait({ offset: first, deadlineNs: 0n }).ended).toMatchObject({ code: 'ETIMEDOUT' });
  });

  test('ignores the deadline of a wait without one', async () => {
    const call = wait({ offset: first, deadlineNs: 0n, waitType: 1 });
    await wait({ offset: second, deadlineNs: nowNs() + 5_000_000n }).ended;
    expect(call.answer).toBeUndefined();
  });

  test('ends when the host changes the word and rings, with one wake', () => {
    const call = wait({ offset: first });
    words[first >>> 2] = 1;
    post(world.hostToGuest(plain), first);
    edge();
    expect(ending(call)).toEqual(['ok', 1]);
  });

  test.each<[string, () => void]>([
    ['raised the word before its hint', () => raise(world.hostToGuest(plain))],
    ['neither raised nor hinted', () => {}],
    ['hinted at another word', () => insert(world.hostToGuest(plain), second)],
  ])('ends on any edge when the word differs: a poster that %s', (_what, poster) => {
    const call = wait({ offset: first });
    words[first >>> 2] = 1;
    poster();
    edge();
    expect(ending(call)).toEqual(['ok', 1]);
  });

  test('counts a wake that found the word unchanged, and goes on sleeping', () => {
    const call = wait({ offset: first, wakes: 1000 });
    wake(first);
    post(world.hostToGuest(plain), first);
    edge();
    expect(call.answer).toBeUndefined();
    words[first >>> 2] = 1;
    wake(first);
    expect(ending(call)).toEqual(['ok', 3]);
  });

  test('reports its wakes when the deadline passes, the deadline not being one', async () => {
    const call = wait({ offset: first, deadlineNs: nowNs() + 10_000_000n });
    wake(first);
    wake(first);
    const answer = await call.ended;
    expect([answer.code, wakesOf(answer)]).toEqual(['ETIMEDOUT', 2]);
  });

  test('reports its wakes when it is interrupted, and stays ended', () => {
    const call = wait({ offset: first, deadlineNs: nowNs() + minuteNs });
    wake(first);
    call.interrupt();
    expect(ending(call)).toEqual(['EINTR', 1]);
    words[first >>> 2] = 1;
    wake(first);
    call.interrupt();
    expect(ending(call)).toEqual(['EINTR', 1]);
  });

  test('is interrupted by the close of its description', async () => {
    const [own, other] = [wait({ offset: first }), wait({ offset: first }, world.open(plain))];
    await world.driver.close(description);
    expect([ending(own), ending(other)]).toEqual([['EINTR', 0], undefined]);
  });

  test('of a process that died before its COND_WAKE is ended by the close of the dead one’s description', async () => {
    const call = wait({ offset: first }, world.open(plain));
    words[first >>> 2] = 1;
    await world.driver.close(description);
    expect(ending(call)).toEqual(['ok', 1]);
  });

  test('gives back the argument with nothing changed but wakes', async () => {
    const deadlineNs = nowNs() + 2_000_000n;
    const { bytes } = await wait({ offset: first, deadlineNs, wakes: 5 }).ended;
    expect(bytes).toEqual(condWaitBytes({ offset: first, deadlineNs }));
  });
});

describe('COND_WAKE', () => {
  test('is felt by all who wait on that word, and by nobody else', () => {
    const calls = [wait({ offset: first }), wait({ offset: first }, world.open(plain))];
    const other = wait({ offset: second });
    wake(first);
    for (const call of [...calls, other]) call.interrupt();
    expect(calls.map(ending)).toEqual([
      ['EINTR', 1],
      ['EINTR', 1],
    ]);
    expect(ending(other)).toEqual(['EINTR', 0]);
  });

  test('does not reach the same word of another region', () => {
    const elsewhere = wait({ offset: first }, world.open(keeper));
    wake(first);
    elsewhere.interrupt();
    expect(ending(elsewhere)).toEqual(['EINTR', 0]);
  });

  test('with nobody waiting succeeds', () => {
    expect(wake(first).answer).toMatchObject({ code: undefined });
  });
});
