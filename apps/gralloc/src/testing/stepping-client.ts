// stepping-client --run-dir DIR --until STEP [--receiver PATH]: a client of gralloc that stops at a step of a buffer's life
// and waits to be killed there.
import { parseArgs } from 'node:util';
import { connectUnix, sendMessage, waitReadable } from '@vsoc/native';
import { runMain, runPaths } from '@vsoc/process';
import { openGuest } from '@vsoc/vsoc/guest';
import { connectSocket, encode } from '@vsoc/vsoc/wire';
import type { AllocationRequest } from '../allocator.js';
import { connectAllocator } from '../allocator-client.js';
import type { GraphicsBuffer } from '../buffer.js';
import { pixelFormat } from '../formats.js';
import { type Gralloc, openGralloc } from '../guest.js';
import { allocateRequest } from '../protocol.js';
import { allocatorSocketOf } from '../sockets.js';
import { usage } from '../usage.js';
import { stampFresh } from './pattern.js';
import { stepOf, stopAt } from './stop-at.js';

const request: AllocationRequest = {
  format: pixelFormat.rgba8888,
  widthPx: 64,
  heightPx: 16,
  usage: usage.cpuRead | usage.cpuWrite,
};

interface Parts {
  readonly gralloc: Gralloc;
  readonly allocatorSocket: string;
  readonly receiverSocket: string;
}

/** Each goes to its step and returns what it holds there. */
const steps = {
  connected: async ({ gralloc }: Parts) => [gralloc],
  requested: async ({ allocatorSocket }: Parts) => [sendRequest(allocatorSocket)],
  /** The answer, its token with it, is in the socket, and stays there. */
  answered: async ({ allocatorSocket }: Parts) => {
    const socket = sendRequest(allocatorSocket);
    waitReadable(socket.fd);
    return [socket];
  },
  'token held': async ({ allocatorSocket }: Parts) => {
    const { token } = await connectAllocator(allocatorSocket).ask(request);
    if (!token) throw new Error('the allocator sent no token');
    return [token];
  },
  mapped: async (parts: Parts) => [await allocate(parts)],
  sent: async (parts: Parts) => {
    const buffer = await allocate(parts);
    const receiver = connectSocket(parts.receiverSocket, 'seqpacket', { onMessage() {}, onEnd() {} });
    if (!parts.gralloc.send(receiver, buffer)) throw new Error('the receiver took nothing');
    return [buffer, receiver];
  },
  'half released': async (parts: Parts) => {
    const buffer = await allocate(parts);
    const twins = await Promise.all([1, 2, 3].map(() => buffer.duplicate()));
    buffer[Symbol.dispose]();
    twins.pop()?.[Symbol.dispose]();
    return twins;
  },
};

export type ClientStep = keyof typeof steps;

function sendRequest(path: string) {
  const socket = connectUnix(path, 'seqpacket');
  sendMessage(socket.fd, encode(allocateRequest, { id: 1, ...request }));
  return socket;
}

async function allocate({ gralloc }: Parts): Promise<GraphicsBuffer> {
  const buffer = await gralloc.allocate(request);
  if ('refused' in buffer) throw new Error(`refused: ${JSON.stringify(buffer)}`);
  stampFresh(buffer.bytes, buffer.reference);
  return buffer;
}

runMain('stepping-client', async (context) => {
  const options = {
    'run-dir': { type: 'string', default: '.' },
    until: { type: 'string', default: '' },
    receiver: { type: 'string', default: '' },
  } as const;
  const { values } = parseArgs({ options });
  const paths = runPaths(values['run-dir']);
  const allocatorSocket = allocatorSocketOf(paths);
  const goTo = stepOf(steps, values.until);
  using device = await openGuest({ deviceDirectory: paths.deviceDir });
  using gralloc = await openGralloc(device, { allocatorSocket });
  context.ready();
  const held = await goTo({ gralloc, allocatorSocket, receiverSocket: values.receiver });
  await stopAt(context, values.until, held.find((one) => 'reference' in one)?.reference);
});
