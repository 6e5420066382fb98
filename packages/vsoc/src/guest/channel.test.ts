// A guest's channel against drivers that are wrong or gone: calls end, and no descriptor is kept.
import { createEventfd, DisposableStack, liveResources } from '@vsoc/native';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openScriptedPeer } from '../testing/scripted-peer.js';
import { until } from '../testing/words.js';
import { channelReply, channelRequest, decode, encode, openAnswer, type UnixSocket } from '../wire/index.js';
import { type Channel, type ChannelCall, openNode } from './channel.js';

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
  regionIndex: 7,
  windowBytes: 0x1_0000,
  epoch: 3,
  bus: 0,
  doorbellValue: 0,
  windowOffset: 0n,
  doorbellOffset: 0n,
};
const text = (words: string) => new TextEncoder().encode(words);
const aDescriptor = () => [stack.use(createEventfd()).fd];
const describeCall = { request: 1, op: 'TEST', tokens: [] };

/** What the driver got, and the driver's end of the connection. */
interface Served {
  readonly path: string;
  readonly requests: NonNullable<ReturnType<typeof decodeRequest>>[];
  readonly driver: UnixSocket;
}

const decodeRequest = (bytes: Uint8Array) => decode(channelRequest, bytes);

function serve(greet: (client: UnixSocket) => void): Served {
  const requests: Served['requests'] = [];
  let driver: UnixSocket | undefined;
  const { path } = stack.use(
    openScriptedPeer('seqpacket', (client) => {
      driver = client;
      greet(client);
      return {
        onMessage(bytes, fds) {
          for (const fd of fds) fd[Symbol.dispose]();
          const request = decodeRequest(bytes);
          if (request) requests.push(request);
        },
      };
    }),
  );
  return {
    path,
    requests,
    get driver() {
      return driver as UnixSocket;
    },
  };
}

async function openServed(): Promise<Served & { channel: Channel }> {
  const served = serve((client) => client.send(encode(openAnswer, answer)));
  const { channel } = await openNode(served.path);
  stack.use(channel);
  return Object.assign(served, { channel });
}

const reply = (id: number, { status = 0, bytes = new Uint8Array(0), why = '' } = {}) =>
  encode(
    channelReply,
    { id, status, argumentBytes: bytes.byteLength },
    new Uint8Array([...bytes, ...text(why)]),
  );

describe('openNode', () => {
  test('gives the answer and its descriptors', async () => {
    const { path } = serve((client) => client.send(encode(openAnswer, answer), aDescriptor()));
    const opened = await openNode(path);
    stack.use(opened.channel);
    expect(opened.answer).toMatchObject({ regionIndex: 7, windowBytes: 0x1_0000, epoch: 3 });
    for (const fd of opened.answer.fds) stack.use(fd);
    expect(opened.answer.fds).toHaveLength(1);
  });

  test.each<[string, (client: UnixSocket) => void, string, string]>([
    [
      'a refusal',
      (client) => client.send(encode(openAnswer, { ...answer, status: -13 }, text('not you')), aDescriptor()),
      'EACCES',
      'not you',
    ],
    ['an answer cut short', (client) => client.send(new Uint8Array(8), aDescriptor()), 'EPROTO', '8 bytes'],
    ['a hang-up', (client) => client[Symbol.dispose](), 'ENODEV', 'crashed'],
  ])('rejects with %s', async (_what, greet, code, message) => {
    const { path } = serve(greet);
    const opening = openNode(path);
    await expect(opening).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
  });

  test('gives a silent driver up for the reason of its signal', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const { path } = serve(() => controller.abort(reason));
    await expect(openNode(path, controller)).rejects.toBe(reason);
    await expect(openNode(path, controller)).rejects.toBe(reason);
  });

  test('rejects with ENOENT where there is no node', async () => {
    await expect(openNode('/nowhere/dev/control')).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe('a call', () => {
  test('gets its own answer, in whatever order they come', async () => {
    const { channel, requests, driver } = await openServed();
    const calls = [1, 2, 3].map((argument) => channel.call({ ...describeCall, argument }));
    await until(() => requests.length === 3);
    for (const { id, argument } of requests.toReversed()) {
      driver.send(reply(id, { bytes: new Uint8Array([argument]) }));
    }
    expect((await Promise.all(calls)).map((bytes) => bytes[0])).toEqual([1, 2, 3]);
  });

  test('rejects with the driver’s errno and its words', async () => {
    const { channel, requests, driver } = await openServed();
    const call = expect(channel.call(describeCall)).rejects.toMatchObject({
      code: 'EBUSY',
      op: 'TEST',
      message: expect.stringContaining('too many'),
    });
    await until(() => requests.length === 1);
    driver.send(reply(requests[0]?.id as number, { status: -16, why: 'too many' }));
    await call;
  });

  test('is not answered by an id that nobody sent, nor does a descriptor stay', async () => {
    const { channel, requests, driver } = await openServed();
    const call = channel.call(describeCall);
    await until(() => requests.length === 1);
    driver.send(reply(4711), aDescriptor());
    driver.send(reply(requests[0]?.id as number, { bytes: new Uint8Array([5]) }));
    expect((await call)[0]).toBe(5);
  });

  test.each<[string, (driver: UnixSocket) => void, string]>([
    ['the driver goes', (driver) => driver[Symbol.dispose](), 'ENODEV'],
    ['a reply is cut short', (driver) => driver.send(new Uint8Array(5)), 'EPROTO'],
  ])('rejects when %s, and so do later ones', async (_what, act, code) => {
    const { channel, requests, driver } = await openServed();
    const call = expect(channel.call(describeCall)).rejects.toMatchObject({ code });
    await until(() => requests.length === 1);
    act(driver);
    await call;
    expect(channel.lost.aborted).toBe(true);
    await expect(channel.call(describeCall)).rejects.toMatchObject({ code: 'ENODEV' });
  });

  test('rejects when the channel is disposed, before and after, and nothing counts as lost', async () => {
    const { channel } = await openServed();
    const call = expect(channel.call(describeCall)).rejects.toMatchObject({ code: 'EBADF' });
    channel[Symbol.dispose]();
    await call;
    await expect(channel.call(describeCall)).rejects.toMatchObject({ code: 'EBADF' });
    expect(channel.lost.aborted).toBe(false);
  });

  test('that is aborted asks the driver to interrupt it, and rejects with the reason', async () => {
    const { channel, requests, driver } = await openServed();
    const aborting = new AbortController();
    const reason = new Error('enough');
    const call = expect(channel.call({ ...describeCall, signal: aborting.signal })).rejects.toBe(reason);
    await until(() => requests.length === 1);
    aborting.abort(reason);
    await until(() => requests.length === 2);
    const [first, second] = requests;
    expect(second).toEqual({ id: 0, request: 1, argument: first?.id });
    driver.send(reply(first?.id as number, { status: -4 }));
    await call;
  });

  test('that was answered before its abort counts as answered', async () => {
    const { channel, requests, driver } = await openServed();
    const aborting = new AbortController();
    const call = channel.call({ ...describeCall, signal: aborting.signal });
    await until(() => requests.length === 1);
    driver.send(reply(requests[0]?.id as number));
    aborting.abort();
    expect(await call).toHaveLength(0);
  });

  test('past 128 unanswered ones is EAGAIN, until one is answered', async () => {
    const { channel, requests, driver } = await openServed();
    const calls = Array.from({ length: 128 }, () => channel.call(describeCall));
    await expect(channel.call(describeCall)).rejects.toMatchObject({ code: 'EAGAIN' });
    await until(() => requests.length === 128);
    driver.send(reply(requests[0]?.id as number));
    await calls[0];
    const late = channel.call(describeCall);
    await until(() => requests.length === 129);
    for (const { id } of requests.slice(1)) driver.send(reply(id));
    await Promise.all([...calls, late]);
  });

  test.each<[string, Partial<ChannelCall>, unknown]>([
    ['number', { argument: -1 }, RangeError],
    ['descriptor', { tokens: [0x7fff_ffff] }, /EBADF/],
  ])('that cannot be sent for its %s is none of the unanswered ones', async (_what, bad, error) => {
    const { channel, requests, driver } = await openServed();
    for (let count = 0; count < 128; count++) {
      await expect(channel.call({ ...describeCall, ...bad })).rejects.toThrow(error as RegExp);
    }
    const call = channel.call(describeCall);
    await until(() => requests.length === 1);
    driver.send(reply(requests[0]?.id as number));
    expect(await call).toHaveLength(0);
  });
});
