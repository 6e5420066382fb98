// The host clients' protocol against a real server: what each is answered, and that nobody pays for another.
import { assertSealed, createEventfd, identifyFd, mapWindow, readEventfd, signalEventfd } from '@vsoc/native';
import { descriptorCount } from '@vsoc/testkit';
import { guardLeaks, sharedByTests } from '@vsoc/testkit/hooks';
import { findRegion, parseWindow } from '@vsoc/vsoc/layout';
import { describe, expect, test } from 'vitest';
import {
  encodeName,
  openRawClient,
  openRawRegion,
  type RawClient,
  readAnswer,
  readHello,
  readNotice,
} from './raw-client.js';
import { openEpochBell, serveWindow, until } from './served-window.js';

const served = sharedByTests(() => serveWindow());
guardLeaks();

const EPROTO = 71;
const serverFds = () => descriptorCount(served.serverPid);
const open = (name: string) => openRawRegion(served.hostSocket, name);

/** The version has been read. */
function connect(): RawClient {
  const client = openRawClient(served.hostSocket);
  expect(readHello(client)).toBe(1);
  return client;
}

test('a whole conversation, byte by byte', () => {
  using client = openRawClient(served.hostSocket);
  const { beginOffset, endOffset } = findRegion(served.layout, 'first');
  const bytesOf = (view: DataView) => [...new Uint8Array(view.buffer, view.byteOffset, view.byteLength)];
  expect(bytesOf(client.read(4))).toEqual([1, 0, 0, 0]);
  client.send(new Uint8Array([5, 0, ...new TextEncoder().encode('first')]));
  const answer = client.read(16);
  expect([0, 4, 8, 12].map((offset) => answer.getUint32(offset, true))).toEqual([
    0,
    beginOffset,
    endOffset,
    0,
  ]);
  using bell = openEpochBell(served);
  const epoch = bell.ring();
  expect(bytesOf(client.read(8))).toEqual([1, 0, 0, 0, epoch, 0, 0, 0]);
});

describe('a region that exists', () => {
  test('comes with both doorbells and the sealed window', () => {
    using client = open('first');
    expect(client.fds.map(({ fd }) => identifyFd(fd).kind)).toEqual(['anonymous', 'anonymous', 'file']);
    const windowFd = client.fds[2]?.fd as number;
    expect(assertSealed(windowFd)).toBe(served.layout.sizeBytes);
    using mapping = mapWindow(windowFd, served.layout.sizeBytes);
    const firstPage = new Uint8Array(mapping.buffer, 0, 4096).slice();
    expect(parseWindow(firstPage, served.layout.sizeBytes)).toEqual(served.layout);
  });

  test('has the same doorbells for all who open it, in one order, and other ones than other regions', () => {
    using one = open('first');
    using two = open('first');
    using other = open('second');
    const count = ({ fds }: RawClient, place: number) => readEventfd(fds[place]?.fd as number);
    // Clients that left before were rung for.
    for (const client of [one, other]) for (const place of [0, 1]) count(client, place);
    signalEventfd(one.fds[0]?.fd as number);
    expect([count(two, 1), count(other, 0), count(two, 0)]).toEqual([0n, 0n, 1n]);
  });

  test('is found although its name comes byte by byte', () => {
    using client = connect();
    for (const byte of encodeName('second')) client.send(new Uint8Array([byte]));
    expect(readAnswer(client)).toMatchObject({ status: 0 });
  });
});

test('one that leaves is rung for, toward the guest and toward the other host processes', async () => {
  using stays = open('second');
  const doorbells = stays.fds.slice(0, 2).map(({ fd }) => fd);
  for (const fd of doorbells) readEventfd(fd);
  open('second')[Symbol.dispose]();
  for (const fd of doorbells) await until(() => readEventfd(fd) === 1n);
  // And the guest finds the interrupt word raised.
  using mapping = mapWindow(stays.fds[2]?.fd as number, served.layout.sizeBytes);
  const { beginOffset, hostToGuest } = findRegion(served.layout, 'second');
  expect(new Int32Array(mapping.buffer, beginOffset + hostToGuest.interruptOffset, 1)[0]).toBe(1);
});

describe('a refusal has an errno and a reason, and then the connection closes', () => {
  const known = 'there are system, first, second';
  test.each<[string, Uint8Array, number, string]>([
    ['a region that does not exist', encodeName('third'), 2, `no region "third"; ${known}`],
    ['a name that is no text', new Uint8Array([2, 0, 0xff, 0xfe]), 22, 'not even UTF-8'],
    ['a mark of byte order before a name', encodeName('\ufefffirst'), 2, `no region "\ufefffirst"; ${known}`],
    ['a longer name than any', encodeName('sixteen_letters_'), 22, '1 to 15 bytes, not 16'],
    ['no name', encodeName(''), 22, '1 to 15 bytes, not 0'],
    ['a negative length', encodeName('', -1), 22, 'not -1'],
    ['a length that never comes', encodeName('x', 0x7fff), 22, 'not 32767'],
    ['more than a name', new Uint8Array([...encodeName('first'), 0]), EPROTO, 'nothing else'],
    [
      'far more than a name',
      new Uint8Array([...encodeName('first'), ...Array(4000)]),
      EPROTO,
      'nothing else',
    ],
  ])('%s', (_what, message, errno, text) => {
    using client = connect();
    client.send(message);
    expect(readAnswer(client)).toEqual({
      status: -errno,
      beginOffset: 0,
      endOffset: 0,
      textLength: expect.any(Number),
      text: expect.stringContaining(text),
    });
    expect([client.readToEnd().byteLength, client.fds]).toEqual([0, []]);
  });

  test('descriptors that a client sends: refused, and not kept', async () => {
    using doorbell = createEventfd();
    const before = serverFds();
    {
      using client = connect();
      client.send(encodeName('first'), [doorbell.fd]);
      expect(readAnswer(client)).toMatchObject({ status: -EPROTO });
      client.readToEnd();
    }
    await until(() => serverFds() <= before);
  });
});

describe('whoever misbehaves is closed alone', () => {
  const bystander = sharedByTests(() => open('first'));

  /** The next epoch's notice: it takes a living server and an open connection. */
  function expectBystanderToHear(): void {
    using bell = openEpochBell(served);
    const epoch = bell.ring();
    expect(readNotice(bystander)).toBe(epoch);
  }

  test('one that goes on talking after its answer hears nothing any more', () => {
    using client = open('first');
    client.send(new Uint8Array(8));
    expect(client.readToEnd()).toHaveLength(0);
    expectBystanderToHear();
  });

  test('one that hangs up at once, or half-way through its name', () => {
    openRawClient(served.hostSocket)[Symbol.dispose]();
    const half = connect();
    half.send(encodeName('first').subarray(0, 4));
    half[Symbol.dispose]();
    expectBystanderToHear();
  });
});

test('one that does not read its notices delays nobody, is not thrown out, and hears the latest once it reads', () => {
  using bystander = open('first');
  using deaf = open('first');
  using bell = openEpochBell(served);
  // More than its socket holds.
  const rounds = 500;
  let epoch = 0;
  for (let round = 0; round < rounds; round++) {
    epoch = bell.ring();
    expect(readNotice(bystander)).toBe(epoch);
  }
  let heard = 1;
  while (readNotice(deaf) !== epoch) heard++;
  expect(heard).toBeGreaterThan(50);
  expect(heard).toBeLessThan(rounds);
});

test('the 257th client is refused with EMFILE while 256 are served, and a place that is left is given again', async () => {
  const clients = Array.from({ length: 256 }, () => open('first'));
  {
    using late = connect();
    expect(readAnswer(late)).toMatchObject({
      status: -24,
      text: expect.stringContaining('256 host clients'),
    });
    expect(late.readToEnd()).toHaveLength(0);
  }
  const before = serverFds();
  clients.pop()?.[Symbol.dispose]();
  await until(() => serverFds() < before);
  using bell = openEpochBell(served);
  const epoch = bell.ring();
  expect(new Set(clients.map(readNotice))).toEqual(new Set([epoch]));
  for (const client of clients) client[Symbol.dispose]();
});
