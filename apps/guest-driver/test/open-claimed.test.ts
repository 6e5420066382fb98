// Opening and claiming in one request: all that opening the node and CREATE would have said, and nothing kept on refusal.
import { createPipe, DisposableStack, duplicateFd, type OwnedFd } from '@vsoc/native';
import { descriptorCount } from '@vsoc/testkit';
import { freshForEachTest, guardLeaks, sharedByTests } from '@vsoc/testkit/hooks';
import type { Claim, Description } from '@vsoc/vsoc/guest';
import { afterEach, expect, test } from 'vitest';
import { channelLimit, descriptionLimit } from '../src/limits.js';
import { claimOf } from '../src/testing/claims.js';
import { areas, keeper } from '../src/testing/regions.js';
import { kill, startWorld } from './guest-world.js';
import { openRawChannel } from './raw-channel.js';

const world = sharedByTests(startWorld);
guardLeaks();
const device = freshForEachTest(() => world.openGuest());
const manager = freshForEachTest(() => device.open(keeper));
const witness = freshForEachTest(() => device.openManaged(areas));
afterEach(() => freed(0));

const page = (first: number, pages = 1): Promise<Claim> => claimOf(manager, witness, { first, pages });
const driverFds = () => descriptorCount(world.driver.pid as number);

async function freed(first: number): Promise<void> {
  const { value } = manager.data.owners.at(first);
  for (let owner = value.load(); owner !== 0; owner = value.load()) await manager.waitWhile(value, owner);
}

async function granted(claim: Claim): Promise<Description> {
  const opened = await manager.description.openClaimed(witness, claim);
  if (opened === 'contended') throw new Error('the claim was lost');
  return opened;
}

test('the fresh description has the permission, the witness has none; its last close frees the area', async () => {
  const claim = await page(0);
  const opened = await granted(claim);
  expect(await opened.permission()).toEqual(claim);
  expect(await witness.permission()).toBeUndefined();
  using lease = await opened.lease();
  expect(lease.bytes.byteLength).toBe(4096);
  expect(manager.data.owners.at(0).value.load()).toBe(claim.ownedValue);
  lease[Symbol.dispose]();
  await freed(0);
});

test('one witness serves any number of times', async () => {
  const all = await Promise.all([0, 1, 2, 3].map(async (first) => granted(await page(first))));
  for (const opened of all) opened[Symbol.dispose]();
  for (const first of [0, 1, 2, 3]) await freed(first);
});

test('it takes no channel: where this process may open no more it goes on, and other processes may', async () => {
  using channels = new DisposableStack();
  const before = driverFds();
  for (let count = 0; count < channelLimit.ofProcess; count++) {
    channels.use(openRawChannel(`${world.deviceDirectory}/control`));
  }
  await expect(device.openManaged(areas)).rejects.toThrow(
    'ENFILE: open: 256 channels of this process are open',
  );
  const opened = await granted(await page(0));
  opened[Symbol.dispose]();
  await kill(await world.startGuest(['hold', '1']));
  channels[Symbol.dispose]();
  await expect.poll(driverFds).toBeLessThanOrEqual(before);
});

test('a process that keeps tokens gets no more than its share of descriptions; other processes get theirs', async () => {
  using tokens = new DisposableStack();
  const before = driverFds();
  // This test's own two are among them; a token is kept, the channel that brought it is not.
  for (let count = 2; count < descriptionLimit.ofProcess; count++) {
    using channel = openRawChannel(`${world.deviceDirectory}/${keeper.name}`);
    tokens.use(duplicateFd((channel.fds[0] as OwnedFd).fd));
  }
  const refused = /^ENFILE: .*: 1024 descriptions of this process are open$/;
  await expect(manager.description.openClaimed(witness, await page(0))).rejects.toThrow(refused);
  await kill(await world.startGuest(['hold', '1']));
  tokens[Symbol.dispose]();
  await expect.poll(driverFds).toBeLessThanOrEqual(before);
});

test('a lost claim is contended, a bad one says what CREATE says, and the driver keeps nothing of either', async () => {
  using _held = await granted(await page(0));
  const before = driverFds();
  const { openClaimed } = manager.description;
  for (let turn = 0; turn < 20; turn++) {
    expect(await openClaimed(witness, await page(0))).toBe('contended');
    const overlapping = await page(0, 2);
    await expect(
      openClaimed(witness, { ...overlapping, ownerOffset: overlapping.ownerOffset + 4 }),
    ).rejects.toThrow('EBUSY: VSOC_CREATE_FD_SCOPED_PERMISSION');
    const unaligned = { ...(await page(1)), beginOffset: 1 };
    await expect(openClaimed(witness, unaligned)).rejects.toMatchObject({
      code: expect.stringMatching(/^(EINVAL|ERANGE)$/),
    });
  }
  await expect.poll(driverFds).toBeLessThanOrEqual(before);
});

test('a witness that this process did not open is EPERM: tokens travel to who may not open the node', async () => {
  const child = await world.startGuest(['open-claimed', '0'], [witness.token.fd]);
  const { code, message } = (await child.ready) as { code: string; message: string };
  expect(code).toBe('EPERM');
  expect(message).toContain(`process ${process.pid} opened the witness, process ${child.pid} asks`);
  await kill(child);
});

test('a witness of an unmanaged region is EPERM, one that is no token of this driver EBADF', async () => {
  const claim = await page(0);
  const { openClaimed } = manager.description;
  await expect(openClaimed(manager.description, claim)).rejects.toMatchObject({ code: 'EPERM' });
  const { read, write } = createPipe();
  read[Symbol.dispose]();
  using stranger = device.adopt(write);
  await expect(openClaimed(stranger, claim)).rejects.toMatchObject({ code: 'EBADF' });
});
