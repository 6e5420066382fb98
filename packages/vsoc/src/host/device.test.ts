// A host process's device against a server that says what it likes, when it likes.
import { createEventfd, DisposableStack, liveResources } from '@vsoc/native';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { guestState, type RegionDefinition, system } from '../layout/index.js';
import { openScriptedPeer } from '../testing/scripted-peer.js';
import { openTestWindow, plain, type TestWindow } from '../testing/window.js';
import { until } from '../testing/words.js';
import { encode, hostAnswer, hostHello, hostNotice, type UnixSocket } from '../wire/index.js';
import { connectHost } from './device.js';

let liveBefore: number;
let stack: DisposableStack;
let window: TestWindow;
/** The server's ends of the connections, in the order of their names. */
let clients: UnixSocket[];
let names: string[];
let path: string;

beforeEach(() => {
  liveBefore = liveResources().length;
  stack = new DisposableStack();
  window = stack.use(openTestWindow());
  clients = [];
  names = [];
  path = stack.use(openScriptedPeer('stream', serve)).path;
});
afterEach(() => {
  stack[Symbol.dispose]();
  expect(liveResources()).toHaveLength(liveBefore);
});

function serve(client: UnixSocket) {
  client.send(encode(hostHello, { version: 1 }));
  return {
    onMessage(bytes: Uint8Array) {
      const name = new TextDecoder().decode(bytes.subarray(2));
      const { beginOffset, endOffset } = window.region(name);
      const doorbells = [1, 2].map(() => stack.use(createEventfd()).fd);
      const answer = encode(hostAnswer, { status: 0, beginOffset, endOffset, textLength: 0 });
      client.send(answer, [...doorbells, window.fd.fd]);
      clients.push(client);
      names.push(name);
    },
  };
}

const connect = () => connectHost({ serverSocket: path, slowTimer: 'off' });
const tell = (client: UnixSocket | undefined, epoch: number) =>
  client?.send(encode(hostNotice, { kind: 1, epoch }));
const systemWords = () => {
  const { dataOffset } = window.region(system.name);
  return system.data.over(window.memory(system.name), dataOffset);
};

describe('open', () => {
  const closed = expect.objectContaining({ name: 'VsocError', code: 'EBADF', op: 'open' });
  const open = (device: Awaited<ReturnType<typeof connect>>, of: RegionDefinition = plain) => device.open(of);

  test('is EBADF when the device is disposed meanwhile', async () => {
    const device = await connect();
    const opening = open(device);
    device[Symbol.dispose]();
    await expect(opening).rejects.toEqual(closed);
  });

  test('is EBADF when the device was disposed before', async () => {
    const device = await connect();
    device[Symbol.dispose]();
    await expect(open(device)).rejects.toEqual(closed);
  });
});

describe('guestEpochs', () => {
  const follow = (device: Awaited<ReturnType<typeof connect>>) =>
    device.guestEpochs({ signal: new AbortController().signal })[Symbol.asyncIterator]();

  test('begins with region 0, and with 0 where that says that the guest is down', async () => {
    const words = systemWords();
    words.guestEpoch.store(7);
    words.guestState.store(guestState.running);
    using device = await connect();
    expect((await follow(device).next()).value).toBe(7);
    words.guestState.store(guestState.down);
    expect((await follow(device).next()).value).toBe(0);
  });

  test('hears of a guest that was killed, though region 0 keeps its epoch', async () => {
    systemWords().guestEpoch.store(7);
    systemWords().guestState.store(guestState.running);
    using device = await connect();
    const lives = follow(device);
    await lives.next();
    tell(clients[0], 0);
    expect([(await lives.next()).value, device.guestEpoch()]).toEqual([0, 7]);
  });

  test('hears one connection: an old notice on another one is none', async () => {
    using device = await connect();
    using _region = await device.open(plain);
    await until(() => names.length === 2);
    const lives = follow(device);
    await lives.next();
    tell(clients[0], 9);
    expect((await lives.next()).value).toBe(9);
    tell(clients[1], 0);
    tell(clients[0], 10);
    expect((await lives.next()).value).toBe(10);
  });

  test('ends with the reason of `lost`, and with EBADF after dispose', async () => {
    const device = await connect();
    const lives = follow(device);
    await lives.next();
    clients[0]?.[Symbol.dispose]();
    await expect(lives.next()).rejects.toMatchObject({ code: 'ECONNRESET' });
    const other = await connect();
    const following = follow(other);
    await following.next();
    for (const one of [device, other]) one[Symbol.dispose]();
    await expect(following.next()).rejects.toMatchObject({ code: 'EBADF' });
  });
});
