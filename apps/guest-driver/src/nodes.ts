// The device nodes: one listening socket a region, and dev/control, open to all. Connecting to a region's node is
// open(2) on it.
import { mkdirSync } from 'node:fs';
import { DisposableStack, type OwnedFd, peerCredentials, SystemError, sendMessage } from '@vsoc/native';
import { errnoOf } from '@vsoc/vsoc';
import type { Driver } from '@vsoc/vsoc/driver';
import {
  busKind,
  type Client,
  type Doorbell,
  encode,
  isOutOfDescriptors,
  listenAt,
  noRegionIndex,
  openAnswer,
  openTurns,
} from '@vsoc/vsoc/wire';
import type { GuestBus } from './bus.js';
import { type ServedChannel, serveChannel } from './channel.js';
import { type Limit, type Limits, watchLimits } from './limits.js';
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
  /** With the process that each one comes from. */
  const channels = new Map<ServedChannel, number>();
  stack.defer(() => {
    for (const channel of channels.keys()) channel[Symbol.dispose]();
  });
  mkdirSync(deviceDirectory, { recursive: true, mode: 0o700 });

  let limits: () => Limits;
  const turns = openTurns();
  const processes = countChannels((pid) => driver.processEnded(pid));

  function serve(connection: OwnedFd, client: Client, pid: number, whenOver = () => {}): ServedChannel {
    const onEnd = () => {
      channels.delete(channel);
      whenOver();
    };
    const channel = serveChannel({ connection, client, pid, driver, tokens, whyNoDescription, onEnd });
    channels.set(channel, pid);
    return channel;
  }

  const answer = (regionIndex: number, refusal = '') => {
    const doorbell = bus.hostDoorbells[regionIndex];
    const register = doorbell?.kind === 'register' ? doorbell : { offsetBytes: 0, value: 0 };
    const values = {
      status: refusal === '' ? 0 : -errnoOf('ENFILE'),
      regionIndex,
      windowBytes: bus.mapping.sizeBytes,
      epoch: driver.epoch,
      bus: busKind[bus.kind],
      doorbellValue: register.value,
      windowOffset: BigInt(bus.windowOffsetBytes),
      doorbellOffset: BigInt(register.offsetBytes),
    };
    return encode(openAnswer, values, new TextEncoder().encode(refusal));
  };

  /** Why there is no room for one more: what processes can make this driver keep is bounded. Undefined while there is. */
  function whyFull(pid: number): string | undefined {
    const ofProcess = [...channels.values()].filter((other) => other === pid).length;
    return whyTooMany('channels', channels.size, ofProcess, limits().channels) ?? whyNoDescription(pid);
  }

  /** The same for who has a channel already. */
  function whyNoDescription(pid: number): string | undefined {
    return whyTooMany('descriptions', tokens.count, tokens.countOf(pid), limits().descriptions);
  }

  /** A fresh description's token; where it gets none, the description is not kept. */
  function openToken(regionIndex: number, pid: number): OwnedFd {
    const description = driver.open(regionIndex, pid);
    try {
      return tokens.issue(description);
    } catch (error) {
      void driver.close(description);
      throw error;
    }
  }

  /** Carries an open out; the process is told ENFILE where this driver has no room or no descriptor left for it. */
  function openOrRefuse(connection: OwnedFd, regionIndex: number, open: (pid: number) => void): void {
    const { pid } = peerCredentials(connection.fd);
    const refusal = whyFull(pid);
    if (refusal !== undefined) {
      using _refused = connection;
      refuse(connection, answer(regionIndex, refusal));
      return;
    }
    try {
      open(pid);
    } catch (error) {
      if (isOutOfDescriptors(error)) {
        refuse(connection, answer(regionIndex, 'the guest driver has no descriptor left'));
      }
      throw error;
    }
  }

  for (const { name, index } of driver.layout.regions) {
    const listener = listenAt(
      `${deviceDirectory}/${name}`,
      { type: 'seqpacket', mode: nodeMode, turns },
      (connection, client) =>
        openOrRefuse(connection, index, (pid) => {
          // The driver's own copy of the token ends here: what is in the message is what counts.
          using token = openToken(index, pid);
          const channel = serve(connection, client, pid);
          const doorbell = bus.hostDoorbells[index] as Doorbell;
          channel.greet(answer(index), [token.fd, bus.window.fd, doorbell.fd]);
        }),
    );
    stack.use(listener);
  }
  stack.use(
    listenAt(
      `${deviceDirectory}/control`,
      { type: 'seqpacket', mode: controlMode, turns },
      (connection, client) =>
        openOrRefuse(connection, noRegionIndex, (pid) => {
          const channel = serve(connection, client, pid, () => processes.leave(pid));
          // Only now: serving it takes a descriptor too, and what it refuses never leaves.
          processes.enter(pid);
          channel.greet(answer(noRegionIndex), [bus.window.fd]);
        }),
    ),
  );
  limits = watchLimits();
  return stack.move();
}

function whyTooMany(things: string, ofAll: number, ofProcess: number, limit: Limit): string | undefined {
  if (ofProcess >= limit.ofProcess) return `${limit.ofProcess} ${things} of this process are open`;
  return ofAll >= limit.ofAll ? `${limit.ofAll} ${things} are open` : undefined;
}

/** How many request channels each process has; it has ended with its last one. */
function countChannels(onEnd: (pid: number) => void) {
  const counts = new Map<number, number>();
  return {
    enter: (pid: number) => void counts.set(pid, (counts.get(pid) ?? 0) + 1),
    leave(pid: number) {
      const left = (counts.get(pid) ?? 0) - 1;
      if (left > 0) {
        counts.set(pid, left);
        return;
      }
      counts.delete(pid);
      onEnd(pid);
    },
  };
}

/** Says so; the connection is closed by the caller. */
function refuse(connection: OwnedFd, answer: Uint8Array): void {
  try {
    sendMessage(connection.fd, answer);
  } catch (error) {
    // It may be gone already.
    if (!(error instanceof SystemError)) throw error;
  }
}
