// Interrupts both ways: MAYBE_SEND and SEND toward the host; SELF_INTERRUPT and WAIT on the receiving side.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ioctlNumber } from '../layout/index.js';
import { insert, isRaised, raise } from '../signalling/index.js';
import {
  type Call,
  claimOf,
  condWaitBytes,
  create,
  type DriverWorld,
  openDriverWorld,
} from '../testing/driver-world.js';
import { areas, keeper, plain } from '../testing/window.js';
import type { Description } from './description.js';

let world: DriverWorld;

beforeEach(() => {
  world = openDriverWorld();
  world.rings.length = 0;
});
afterEach(() => {
  world[Symbol.dispose]();
});

const codeOf = ({ answer }: Call) => answer?.code;

describe('interrupts to the host', () => {
  const index = 1;

  test('MAYBE_SEND raises and rings once, and is EBUSY while the interrupt is posted', () => {
    const description = world.open(plain);
    const maybeSend = () => codeOf(world.ioctl(description, ioctlNumber.maybeSendInterruptToHost));
    // Boot has left its own interrupt raised.
    world.window.memory(plain.name).words[0] = 0;
    expect([maybeSend(), maybeSend(), maybeSend()]).toEqual([undefined, 'EBUSY', 'EBUSY']);
    expect([world.rings, isRaised(world.guestToHost(plain))]).toEqual([[index], true]);
    world.window.memory(plain.name).words[0] = 0;
    expect([maybeSend(), world.rings]).toEqual([undefined, [index, index]]);
  });

  test('SEND rings every time and leaves the interrupt word alone', () => {
    const description = world.open(plain);
    world.window.memory(plain.name).words[0] = 0;
    for (let i = 0; i < 3; i++) world.ioctl(description, ioctlNumber.sendInterruptToHost);
    expect([world.rings, isRaised(world.guestToHost(plain))]).toEqual([[index, index, index], false]);
  });
});

describe('interrupts from the host', () => {
  const condWait = (description: Description, offset: number) =>
    world.ioctl(description, ioctlNumber.condWait, { bytes: condWaitBytes({ offset }) });
  const wait = (description: Description) => world.ioctl(description, ioctlNumber.waitForIncomingInterrupt);

  test('SELF_INTERRUPT makes the driver receive where it is the receiver', () => {
    const description = world.open(plain);
    insert(world.hostToGuest(plain), 0x800);
    expect(codeOf(world.ioctl(description, ioctlNumber.selfInterrupt))).toBeUndefined();
    expect(isRaised(world.hostToGuest(plain))).toBe(false);
    expect(world.rings).toEqual([]);
  });

  test('SELF_INTERRUPT raises the word and wakes who waits for interrupts', () => {
    const [receiver, other] = [world.open(plain), world.open(plain)];
    const waits = [wait(receiver), wait(other)];
    expect(waits.map(({ answer }) => answer)).toEqual([undefined, undefined]);
    world.ioctl(world.open(plain), ioctlNumber.selfInterrupt);
    expect(waits.map(codeOf)).toEqual([undefined, undefined]);
    expect(waits.every(({ answer }) => answer)).toBe(true);
    expect(isRaised(world.hostToGuest(plain))).toBe(true);
  });

  test('WAIT returns at once while the word is raised, and does not lower it', () => {
    raise(world.hostToGuest(plain));
    const description = world.open(plain);
    expect([wait(description).answer, wait(description).answer].map((answer) => answer?.code)).toEqual([
      undefined,
      undefined,
    ]);
    expect(isRaised(world.hostToGuest(plain))).toBe(true);
  });

  test('WAIT sleeps until an edge', () => {
    const waiting = wait(world.open(plain));
    expect(waiting.answer).toBeUndefined();
    world.driver.interrupt(index());
    expect(waiting.answer).toMatchObject({ code: undefined });
  });

  test('WAIT that is cut short says so', () => {
    const waiting = wait(world.open(plain));
    waiting.interrupt();
    expect(codeOf(waiting)).toBe('EINTR');
  });

  test('after a WAIT the driver leaves word and table to the description', () => {
    const description = world.open(plain);
    wait(description);
    const sleeper = condWait(world.open(plain), dataOf());
    insert(world.hostToGuest(plain), dataOf());
    raise(world.hostToGuest(plain));
    world.driver.interrupt(index());
    expect(isRaised(world.hostToGuest(plain))).toBe(true);
    expect(sleeper.answer).toBeUndefined();
    // Step 5 is the description's: it wakes the sleeper by COND_WAKE.
    world.window.memory(plain.name).words[dataOf() >>> 2] = 1;
    world.ioctl(description, ioctlNumber.condWake, { argument: dataOf() });
    expect(sleeper.answer).toMatchObject({ code: undefined });
  });

  test('an edge without a hint releases sleepers although a description receives', () => {
    wait(world.open(plain));
    const sleeper = condWait(world.open(plain), dataOf());
    world.window.memory(plain.name).words[dataOf() >>> 2] = 1;
    // What the server does for a host process that died before its hint.
    raise(world.hostToGuest(plain));
    world.driver.interrupt(index());
    expect(isRaised(world.hostToGuest(plain))).toBe(true);
    expect(sleeper.answer).toMatchObject({ code: undefined });
  });

  test('the close of the last receiver gives word and table back to the driver, which looks at once', async () => {
    const [first, second] = [world.open(plain), world.open(plain)];
    wait(first);
    wait(second);
    const sleeper = condWait(world.open(plain), dataOf());
    world.window.memory(plain.name).words[dataOf() >>> 2] = 1;
    raise(world.hostToGuest(plain));
    insert(world.hostToGuest(plain), dataOf());
    await world.driver.close(first);
    expect(isRaised(world.hostToGuest(plain))).toBe(true);
    await world.driver.close(second);
    expect(isRaised(world.hostToGuest(plain))).toBe(false);
    expect(sleeper.answer).toMatchObject({ code: undefined });
  });

  test('WAIT on a managed region is EPERM: word and table lie outside every area', () => {
    const managed = world.open(areas);
    expect(codeOf(wait(managed))).toBe('EPERM');
    create(world, world.open(keeper), managed, claimOf(world.window, [keeper, areas]));
    expect(codeOf(wait(managed))).toBe('EPERM');
    // And the driver still receives for the region.
    raise(world.hostToGuest(areas));
    world.driver.interrupt(world.window.region(areas.name).index);
    expect(isRaised(world.hostToGuest(areas))).toBe(false);
  });

  const index = () => world.window.region(plain.name).index;
  const dataOf = () => world.window.region(plain.name).dataOffset;
});
