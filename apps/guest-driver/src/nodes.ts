// The device nodes: one listening socket a region, and dev/control, open to all. Connecting to a region's node is
// open(2) on it.
import { mkdirSync } from 'node:fs';
import { DisposableStack, type OwnedFd, peerCredentials, SystemError, sendMessage } from '@vsoc/native';
import { errnoOf } from '@vsoc/vsoc';
import type { Driver } from '@vsoc/vsoc/driver';
import {
  busKind,
  type Doorbell,
  encode,
  isOutOfDescriptors,
  listenAt,
  noRegionIndex,
  openAnswer,
} from '@vsoc/vsoc/wire';
import type { GuestBus } from './bus.js';
import { type ServedChannel, serveChannel } from './channel.js';
import type { TokenTable } from './tokens.js';

/** File modes of the nodes, as /dev nodes had them; the run directory around them is 0700 anyway. */
const nodeMode = 0o660;
const controlMode = 0o666;

export interface NodeParts {
  readonly deviceDirectory: string;
  readonly bus: GuestBus;
  readonly driver: Driver;
  readonly tokens: TokenTable;
}

/** Listens on all nodes; from here on processes can open regions. */
export function openNodes({ deviceDirectory, bus, driver, tokens }: NodeParts): Disposable {
  using stack = new DisposableStack();
  const channels = new Set<ServedChannel>();
  stack.defer(() => {
    for (const channel of channels) channel[Symbol.dispose]();
  });
  mkdirSync(deviceDirectory, { recursive: true, mode: 0o700 });

  function serve(connection: OwnedFd): ServedChannel {
    const channel = serveChannel(connection, driver, tokens, () => channels.delete(channel));
    channels.add(channel);
    return channel;
  }

  const answer = (regionIndex: number, status = 0) => {
    const doorbell = bus.hostDoorbells[regionIndex];
    const register = doorbell?.kind === 'register' ? doorbell : { offsetBytes: 0, value: 0 };
    const text = status === 0 ? '' : 'the guest driver has no descriptor left';
    const values = {
      status,
      regionIndex,
      windowBytes: bus.mapping.sizeBytes,
      epoch: driver.epoch,
      bus: busKind[bus.kind],
      doorbellValue: register.value,
      windowOffset: BigInt(bus.windowOffsetBytes),
      doorbellOffset: BigInt(register.offsetBytes),
    };
    return encode(openAnswer, values, new TextEncoder().encode(text));
  };

  /** Carries an open out; the process is told ENFILE where this driver has no descriptor left for it. */
  function openOrRefuse(connection: OwnedFd, regionIndex: number, open: () => void): void {
    try {
      open();
    } catch (error) {
      if (isOutOfDescriptors(error)) refuse(connection, answer(regionIndex, -errnoOf('ENFILE')));
      throw error;
    }
  }

  for (const { name, index } of driver.layout.regions) {
    const listener = listenAt(
      `${deviceDirectory}/${name}`,
      { type: 'seqpacket', mode: nodeMode },
      (connection) =>
        openOrRefuse(connection, index, () => {
          const { pid } = peerCredentials(connection.fd);
          // The driver's own copy of the token ends here: what is in the message is what counts.
          using token = tokens.issue(driver.open(index, pid));
          const channel = serve(connection);
          const doorbell = bus.hostDoorbells[index] as Doorbell;
          channel.greet(answer(index), [token.fd, bus.window.fd, doorbell.fd]);
        }),
    );
    stack.use(listener);
  }
  stack.use(
    listenAt(`${deviceDirectory}/control`, { type: 'seqpacket', mode: controlMode }, (connection) =>
      openOrRefuse(connection, noRegionIndex, () =>
        serve(connection).greet(answer(noRegionIndex), [bus.window.fd]),
      ),
    ),
  );
  return stack.move();
}

/** The connection itself is closed by whoever accepted it. */
function refuse(connection: OwnedFd, answer: Uint8Array): void {
  try {
    sendMessage(connection.fd, answer);
  } catch (error) {
    // It may be gone already.
    if (!(error instanceof SystemError)) throw error;
  }
}
