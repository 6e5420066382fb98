// What a guest process may do to the driver is bounded, and whoever oversteps it is closed alone.
import { execFileSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { descriptorCount } from '@vsoc/testkit';
import { freshForEachTest, guardLeaks, sharedByTests } from '@vsoc/testkit/hooks';
import { ioctlNumber } from '@vsoc/vsoc/layout';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { areas, signals } from '../src/testing/regions.js';
import { startWorld, turn, until } from './guest-world.js';
import { openRawChannel } from './raw-channel.js';

const { condWait, condWake, describeRegion } = ioctlNumber;
const interruptVerb = 1;
const errno = { EINTR: 4, EBADF: 9, EBUSY: 16, EINVAL: 22 };

const world = sharedByTests(startWorld);
const bystander = sharedByTests(() => world.openGuest());
guardLeaks();
const channel = freshForEachTest(() => openRawChannel(`${world.deviceDirectory}/control`));
const node = freshForEachTest(() => openRawChannel(`${world.deviceDirectory}/${signals.name}`));
let token: number;
beforeEach(() => {
  token = node.fds[0]?.fd as number;
});

/** The driver lives, and answers others. */
async function expectBystanderServed(): Promise<void> {
  using region = await bystander.open(signals);
  expect((await region.description.describe()).deviceName).toBe(signals.name);
  expect(bystander.lost.aborted).toBe(false);
}

const pingOffset = () => world.layout.regions.find(({ name }) => name === signals.name)?.dataOffset as number;
/** vsoc_cond_wait: sleep while ping is 0. */
const sleepBytes = () => new Uint8Array(new Uint32Array([pingOffset(), 0, 0, 0, 0, 1, 0, 0]).buffer);
const sleep = (id: number) => channel.send({ id, request: condWait, bytes: sleepBytes(), tokens: [token] });
const interrupt = (id: number) => channel.send({ id: 0, request: interruptVerb, argument: id });
const describeIt = (id: number) => channel.send({ id, request: describeRegion, tokens: [token] });

test('a node for each region and one for control, with the modes of device nodes', () => {
  const modes = readdirSync(world.deviceDirectory).map((name) => {
    const { mode } = statSync(`${world.deviceDirectory}/${name}`);
    return [name, (mode & 0o777).toString(8)];
  });
  expect(Object.fromEntries(modes)).toEqual({
    areas: '660',
    control: '666',
    keeper: '660',
    signals: '660',
    system: '660',
  });
  expect((statSync(world.deviceDirectory).mode & 0o777).toString(8)).toBe('700');
});

describe('requests that sleep', () => {
  test('are 64 a channel; the 65th is EBUSY, what does not sleep goes on, and an answer makes room', async () => {
    for (let id = 1; id <= 64; id++) sleep(id);
    sleep(65);
    expect(channel.reply()).toMatchObject({ id: 65, status: -errno.EBUSY });
    describeIt(66);
    expect(channel.reply()).toMatchObject({ id: 66, status: 0 });
    channel.send({ id: 67, request: condWake, argument: pingOffset(), tokens: [token] });
    expect(channel.reply()).toMatchObject({ id: 67, status: 0 });
    interrupt(7);
    expect(channel.reply()).toMatchObject({ id: 7, status: -errno.EINTR });
    sleep(68);
    describeIt(69);
    expect(channel.reply()).toMatchObject({ id: 69, status: 0 });
    await expectBystanderServed();
  });

  test('that repeat the id of one that sleeps are EINVAL, and leave that one as it was', () => {
    sleep(1);
    sleep(1);
    expect(channel.reply()).toMatchObject({ id: 1, status: -errno.EINVAL, text: 'request 1 sleeps already' });
    interrupt(1);
    expect(channel.reply()).toMatchObject({ id: 1, status: -errno.EINTR });
    for (let id = 1; id <= 63; id++) sleep(id);
    for (let again = 0; again < 10; again++) {
      sleep(1);
      expect(channel.reply()).toMatchObject({ id: 1, status: -errno.EINVAL });
    }
    sleep(64);
    sleep(65);
    expect(channel.reply()).toMatchObject({ id: 65, status: -errno.EBUSY });
  });

  test('answer in the order of their endings, with the wakes that they counted', () => {
    for (const id of [1, 2]) sleep(id);
    channel.send({ id: 3, request: condWake, argument: pingOffset(), tokens: [token] });
    expect(channel.reply().id).toBe(3);
    for (const id of [2, 1]) interrupt(id);
    const replies = [channel.reply(), channel.reply()];
    expect(replies.map(({ id }) => id)).toEqual([2, 1]);
    expect(replies.map(({ bytes }) => new DataView(bytes.buffer).getUint32(24, true))).toEqual([1, 1]);
  });
});

describe('malformed requests', () => {
  test.each([1, 11])('of %i bytes end the channel alone', async (length) => {
    channel.sendBytes(new Uint8Array(length));
    expect(channel.isClosed()).toBe(true);
    await expectBystanderServed();
  });

  test('longer than any of the protocol end the channel alone', async () => {
    channel.sendBytes(new Uint8Array(5000));
    expect(channel.isClosed()).toBe(true);
    await expectBystanderServed();
  });

  test('are answered where there is an id to answer to', async () => {
    channel.send({ id: 1, request: describeRegion });
    expect(channel.reply()).toMatchObject({ id: 1, status: -errno.EBADF });
    channel.send({ id: 2, request: 0xdead, tokens: [token] });
    expect(channel.reply()).toMatchObject({ id: 2, status: -errno.EINVAL });
    channel.send({ id: 3, request: condWait, bytes: new Uint8Array(3), tokens: [token] });
    expect(channel.reply()).toMatchObject({ id: 3, status: -errno.EINVAL });
    channel.send({ id: 4, request: ioctlNumber.createFdScopedPermission, tokens: [token, token] });
    expect(channel.reply()).toMatchObject({ id: 4, status: -1 });
    await expectBystanderServed();
  });

  test('may bring descriptors by the dozen: none is kept', async () => {
    const before = openInDriver();
    const many = Array.from({ length: 200 }, () => token);
    for (let id = 1; id <= 5; id++) {
      channel.send({ id, request: describeRegion, tokens: many });
      expect(channel.reply()).toMatchObject({ id, status: 0 });
    }
    await until(() => openInDriver() <= before);
  });

  test('that interrupt what does not sleep are ignored', () => {
    interrupt(4711);
    describeIt(1);
    expect(channel.reply()).toMatchObject({ id: 1, status: 0 });
  });
});

test('a channel that does not read its replies is closed alone', async () => {
  const message = new Uint8Array(new Uint32Array([1, describeRegion, 0]).buffer);
  let sent = 0;
  for (;;) {
    const outcome = channel.sendBytes(message, [token]);
    if (outcome === 'closed') break;
    if (outcome === 'sent') sent++;
    else await turn();
  }
  expect(sent).toBeGreaterThan(50);
  await expectBystanderServed();
});

test('a process that dies with everything asleep leaves nothing in the driver', async () => {
  const before = openInDriver();
  {
    using dying = openRawChannel(`${world.deviceDirectory}/control`);
    for (let id = 1; id <= 64; id++) {
      dying.send({ id, request: condWait, bytes: sleepBytes(), tokens: [token] });
    }
  }
  await until(() => openInDriver() <= before);
  sleep(1);
  interrupt(1);
  expect(channel.reply()).toMatchObject({ id: 1, status: -errno.EINTR });
});

describe('when the driver runs out of descriptors', () => {
  afterEach(() => {
    setDescriptorLimit(1024);
  });

  test.each([
    ['an open is ENFILE that finds one for its connection and none for its token', 2, 'ENFILE'],
    ['an open ends that finds none for its connection', 0, 'ENODEV'],
  ])('%s, and who is open goes on', async (_what, left, code) => {
    await settled();
    leaveDescriptors(left);
    await expect(bystander.openManaged(areas)).rejects.toMatchObject({ code });
    // Without an attached token, which would need a descriptor in the driver.
    channel.send({ id: 1, request: describeRegion });
    expect(channel.reply()).toMatchObject({ id: 1, status: -errno.EBADF });
    setDescriptorLimit(1024);
    await expectBystanderServed();
  });

  /** What former tests closed may still be closing: until nothing has changed over several round trips. */
  async function settled(): Promise<void> {
    for (let quiet = 0, last = 0; quiet < 5; quiet++) {
      await expectBystanderServed();
      const count = driverFds().length;
      if (count !== last) quiet = 0;
      last = count;
    }
  }

  /** Lowers the driver's limit until so many numbers below it are free. */
  function leaveDescriptors(count: number): void {
    const taken = new Set(driverFds());
    let limit = 0;
    for (let free = 0; free < count || taken.has(limit); limit++) if (!taken.has(limit)) free++;
    setDescriptorLimit(limit);
  }
});

const openInDriver = () => descriptorCount(world.driver.pid as number);

/** All numbers that are taken, whatever by. */
function driverFds(): number[] {
  return readdirSync(`/proc/${world.driver.pid}/fd`).map(Number);
}

function setDescriptorLimit(limit: number): void {
  execFileSync('prlimit', ['--pid', `${world.driver.pid}`, `--nofile=${limit}:`]);
}
