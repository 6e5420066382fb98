// Wakes of the own side through a channel that is full, or whose driver goes at that moment.
import { createEventfd, DisposableStack, liveResources } from '@vsoc/native';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ioctlNumber } from '../layout/index.js';
import { openScriptedPeer } from '../testing/scripted-peer.js';
import { until } from '../testing/words.js';
import { channelReply, channelRequest, decode, encode, openAnswer, type UnixSocket } from '../wire/index.js';
import { openNode } from './channel.js';
import { openOwnSide } from './own-side.js';

let liveBefore: number;
let stack: DisposableStack;

beforeEach(() => {
  liveBefore = liveResources().length;
  stack = new DisposableStack();
});
afterEach(() => {
  stack[Symbol.dispose]();
  expect(liveResources()).toHaveLength(liveBefore);
});

const answer = {
  status: 0,
  regionIndex: 1,
  windowBytes: 0x1_0000,
  epoch: 1,
  bus: 0,
  doorbellValue: 0,
  windowOffset: 0n,
  doorbellOffset: 0n,
};

async function setUp() {
  const requests: { id: number; request: number; argument: number }[] = [];
  let driver: UnixSocket | undefined;
  const { path } = stack.use(
    openScriptedPeer('seqpacket', (client) => {
      driver = client;
      client.send(encode(openAnswer, answer));
      return {
        onMessage(bytes, fds) {
          for (const fd of fds) fd[Symbol.dispose]();
          const request = decode(channelRequest, bytes);
          if (request) requests.push(request);
        },
      };
    }),
  );
  const { channel } = await openNode(path);
  stack.use(channel);
  const token = stack.use(createEventfd());
  const ownSide = stack.use(openOwnSide(channel, token));
  const reply = (id: number) =>
    (driver as UnixSocket).send(encode(channelReply, { id, status: 0, argumentBytes: 0 }));
  const wakes = () => requests.filter(({ request }) => request === ioctlNumber.condWake);
  return { channel, token, ownSide, requests, reply, wakes, driver: driver as UnixSocket };
}

type World = Awaited<ReturnType<typeof setUp>>;

/** Requests until no more are taken; their rejections are not what is looked at here. */
async function fillChannel({ channel, requests }: World): Promise<void> {
  for (let count = 0; count < 128; count++)
    channel.call({ request: 1, op: 'TEST', tokens: [] }).catch(() => {});
  await until(() => requests.length === 128);
}

/** What was left for later turns had its turn. */
const later = () => new Promise((resolve) => setTimeout(resolve, 20));

test('a wake that finds the channel full goes out once there is room', async () => {
  const world = await setUp();
  await fillChannel(world);
  world.ownSide.wake(8);
  await later();
  expect(world.wakes()).toEqual([]);
  world.reply(world.requests[0]?.id as number);
  await until(() => world.wakes().length > 0);
  expect(world.wakes().map(({ argument }) => argument)).toEqual([8]);
});

test('a wake that waits for room is forgotten when the driver goes: nothing is thrown out of nowhere', async () => {
  const world = await setUp();
  await fillChannel(world);
  world.ownSide.wake(8);
  world.driver[Symbol.dispose]();
  await until(() => world.channel.lost.aborted);
  await later();
});

test('a wake in the turn in which the driver went is ENODEV, and so is whatever else it is asked', async () => {
  const world = await setUp();
  world.driver[Symbol.dispose]();
  const gone = expect.objectContaining({ code: 'ENODEV' });
  expect(() => world.ownSide.wake(8)).toThrow(gone);
  const call = world.channel.call({ request: 1, op: 'TEST', tokens: [] });
  await expect(call).rejects.toEqual(gone);
  await until(() => world.channel.lost.aborted);
  await later();
});

test('a close in the turn in which the driver went throws nothing, whatever was to be woken', async () => {
  const world = await setUp();
  for (const offset of [8, 12]) world.ownSide.wake(offset);
  world.driver[Symbol.dispose]();
  world.ownSide[Symbol.dispose]();
  await until(() => world.channel.lost.aborted);
});

test('a wake through a description that was closed is EBADF', async () => {
  const { ownSide, token } = await setUp();
  token[Symbol.dispose]();
  expect(() => ownSide.wake(8)).toThrow(expect.objectContaining({ code: 'EBADF' }));
});
