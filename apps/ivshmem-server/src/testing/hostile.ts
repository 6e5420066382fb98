// Clients that misbehave, each in its way: `hostile.js --run-dir DIR WAY REGION` goes on until it is told to end, and
// reports how many rounds it made. It waits for nobody: a connection that is closed or full is given up for a new one.
import { setImmediate, setTimeout } from 'node:timers/promises';
import {
  connectUnix,
  createPipe,
  type OwnedFd,
  receiveMessage,
  SystemError,
  sendMessage,
  waitReadable,
} from '@vsoc/native';
import { type RunPaths, runMain, runPaths } from '@vsoc/process';
import { ioctlNumber, vsocCondWait, waitType } from '@vsoc/vsoc/layout';
import { channelRequest, channelVerb, encode } from '@vsoc/vsoc/wire';

interface Way {
  readonly socket: (paths: RunPaths, region: string) => string;
  readonly type: 'stream' | 'seqpacket';
  /** Connections that it keeps and serves in turn; 0: each is closed after one round. */
  readonly kept: number;
  readonly pauseMs?: number;
  /** One round on one connection; a SystemError gives it up. */
  act(fd: number, round: number, tools: Tools): void;
}

interface Tools {
  /** Of an open description of the region. */
  readonly token: number;
  /** The region's name as a host client sends it. */
  readonly name: Uint8Array;
  readonly junk: readonly number[];
}

const host = { socket: (paths: RunPaths) => paths.serverSocket, type: 'stream' } as const;
const guest = { socket: (paths: RunPaths) => paths.qemuSocket, type: 'stream' } as const;
const control = { socket: (paths: RunPaths) => paths.controlSocket, type: 'seqpacket' } as const;
const node = {
  socket: (paths: RunPaths, region: string) => paths.device(region),
  type: 'seqpacket',
} as const;

const room = new Uint8Array(4096);
const nothing = () => {};
const noise = (byteCount: number) => Uint8Array.from({ length: byteCount }, () => Math.random() * 256);
const upTo = (limit: number) => 1 + Math.floor(Math.random() * limit);

/** Takes what is there; throws at the end of the connection. */
function readAll(fd: number): void {
  for (;;) {
    const message = receiveMessage(fd, room);
    if (message === 'would-block') return;
    for (const received of message.fds) received[Symbol.dispose]();
    if (message.byteCount === 0) throw new SystemError('EPIPE', 32, 'recvmsg', 'closed');
  }
}

function request(id: number, number: number, argument = 0, bytes?: Uint8Array): Uint8Array {
  return encode(channelRequest, { id, request: number, argument }, bytes);
}

/** Sleeps for ever: nobody ever stores this value. */
const endlessWait = encode(vsocCondWait, {
  offset: 0,
  value: 0,
  wakeTimeSec: 0n,
  wakeTimeNsec: 0,
  waitType: waitType.ifEqual,
  wakes: 0,
  reserved1: 0,
});

const ways: Readonly<Record<string, Way>> = {
  'host-comes-and-goes': { ...host, kept: 0, act: nothing },
  'host-is-silent': { ...host, kept: 300, pauseMs: 4, act: readAll },
  'host-is-slow': { ...host, kept: 20, pauseMs: 5, act: (fd) => sendMessage(fd, new Uint8Array([15])) },
  'host-sends-noise': {
    ...host,
    kept: 0,
    act: (fd, _round, { junk }) => sendMessage(fd, noise(upTo(4096)), junk),
  },
  'host-talks-on': { ...host, kept: 50, act: (fd, _round, { name }) => sendMessage(fd, name) },
  'guest-comes-and-goes': { ...guest, kept: 0, act: nothing },
  'process-comes-and-goes': { ...control, kept: 0, act: nothing },
  'process-opens-and-forgets': { ...node, kept: 0, act: nothing },
  'process-opens-and-keeps': { ...node, kept: 200, act: nothing },
  'process-sends-noise': {
    ...control,
    kept: 4,
    act: (fd, _round, { junk }) => sendMessage(fd, noise(upTo(5000)), junk),
  },
  'process-asks-and-does-not-read': {
    ...control,
    kept: 4,
    act: (fd, round, { token }) => sendMessage(fd, request(round, ioctlNumber.describeRegion), [token]),
  },
  'process-asks-without-end': {
    ...control,
    kept: 4,
    act(fd, round, { token }) {
      sendMessage(fd, request(round, ioctlNumber.describeRegion), [token]);
      readAll(fd);
    },
  },
  'process-sleeps-too-often': {
    ...control,
    kept: 4,
    act(fd, round, { token }) {
      sendMessage(fd, request(round, ioctlNumber.condWait, 0, endlessWait), [token]);
      if (round % 3 === 0) sendMessage(fd, request(0, channelVerb.interrupt, upTo(round)));
      readAll(fd);
    },
  },
  'process-sleeps-and-vanishes': {
    ...control,
    kept: 0,
    act(fd, _round, { token }) {
      for (let id = 0; id < 40; id++)
        sendMessage(fd, request(id, ioctlNumber.condWait, 0, endlessWait), [token]);
    },
  },
};

function openToken(path: string): OwnedFd {
  using connection = connectUnix(path, 'seqpacket');
  waitReadable(connection.fd, 5000);
  const message = receiveMessage(connection.fd, room);
  if (message === 'would-block' || !message.fds[0]) throw new Error('no token came');
  const [token, ...others] = message.fds;
  for (const other of others) other[Symbol.dispose]();
  return token;
}

runMain('hostile', async ({ signal, ready, report }) => {
  const [, runDir = '.', wayName = '', region = ''] = process.argv.slice(2);
  const way = ways[wayName];
  if (!way) throw new Error(`there is no way '${wayName}', only ${Object.keys(ways).join(', ')}`);
  const paths = runPaths(runDir);
  using token = openToken(paths.device(region));
  const pipe = createPipe();
  const name = Buffer.from([region.length, 0, ...Buffer.from(region)]);
  const tools: Tools = { token: token.fd, name, junk: [pipe.read.fd, pipe.write.fd] };
  const connections = new Map<number, OwnedFd>();

  function makeRound(round: number): void {
    const place = way?.kept ? round % way.kept : 0;
    let connection = connections.get(place);
    try {
      connection ??= connectUnix((way as Way).socket(paths, region), (way as Way).type);
      connections.set(place, connection);
      way?.act(connection.fd, round, tools);
      if (way?.kept) return;
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
    }
    connection?.[Symbol.dispose]();
    connections.delete(place);
  }

  ready();
  for (let round = 1; !signal.aborted; round++) {
    makeRound(round);
    if (round % 50 === 0) report({ rounds: round });
    // Signals and the launcher are heard in between.
    if (way.pauseMs !== undefined) await setTimeout(way.pauseMs);
    else if (round % 10 === 0) await setImmediate();
  }
});
