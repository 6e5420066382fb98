// stepping-receiver --run-dir DIR --until STEP --sender PATH: a process that is sent a buffer, stops at a step of taking it,
// and waits to be killed there.
import { parseArgs } from 'node:util';
import { connectUnix, type OwnedFd, receiveMessage, waitReadable } from '@vsoc/native';
import { runMain, runPaths } from '@vsoc/process';
import { openGuest } from '@vsoc/vsoc/guest';
import { openSocket } from '@vsoc/vsoc/wire';
import { type Gralloc, openGralloc } from '../guest.js';
import { allocatorSocketOf } from '../sockets.js';
import { findForeign } from './pattern.js';
import { stepOf, stopAt } from './stop-at.js';

interface Parts {
  readonly gralloc: Gralloc;
  readonly sender: OwnedFd;
}

/** Each goes to its step and returns what it holds there. */
const steps = {
  'message waiting': async ({ sender }: Parts) => {
    waitReadable(sender.fd);
    return [sender];
  },
  'token received': async ({ sender }: Parts) => takeMessage(sender).fds,
  imported: async (parts: Parts) => [await receive(parts)],
  /** Back to where it came from, and its own hold is given up. */
  'sent on': async (parts: Parts) => {
    using buffer = await receive(parts);
    const socket = openSocket(parts.sender, { onMessage() {}, onEnd() {} });
    if (!parts.gralloc.send(socket, buffer)) throw new Error('the next one took nothing');
    return [socket];
  },
};

export type ReceiverStep = keyof typeof steps;

function takeMessage(sender: OwnedFd): { bytes: Uint8Array; fds: OwnedFd[] } {
  waitReadable(sender.fd);
  const bytes = new Uint8Array(64);
  const message = receiveMessage(sender.fd, bytes);
  if (message === 'would-block') throw new Error('there is no message');
  return { bytes: bytes.subarray(0, message.byteCount), fds: message.fds };
}

async function receive({ gralloc, sender }: Parts) {
  const { bytes, fds } = takeMessage(sender);
  const buffer = await gralloc.receive(bytes, fds);
  const foreign = findForeign(buffer.bytes, buffer.reference);
  if (foreign) throw new Error(foreign.text);
  return buffer;
}

runMain('stepping-receiver', async (context) => {
  const options = {
    'run-dir': { type: 'string', default: '.' },
    until: { type: 'string', default: '' },
    sender: { type: 'string', default: '' },
  } as const;
  const { values } = parseArgs({ options });
  const paths = runPaths(values['run-dir']);
  const goTo = stepOf(steps, values.until);
  using device = await openGuest({ deviceDirectory: paths.deviceDir });
  using gralloc = await openGralloc(device, { allocatorSocket: allocatorSocketOf(paths) });
  const sender = connectUnix(values.sender, 'seqpacket');
  context.ready();
  const held = await goTo({ gralloc, sender });
  await stopAt(context, values.until);
  // Reached by nobody: what is held is held until here.
  for (const one of held) one[Symbol.dispose]();
});
