// Handing a window over. A launcher that wants its window to outlive a server makes window, doorbells and listening
// sockets itself, keeps them, and starts each server with copies: the next one serves the same ones, clients that
// connect meanwhile wait in the sockets' queues, and running halves never notice. The numbers travel in one variable.
import { unlinkSync } from 'node:fs';
import { DisposableStack, identifyFd, listenUnix, OwnedFd } from '@vsoc/native';
import type { RunPaths } from '@vsoc/process';
import { firstPassedFd } from '@vsoc/process/launcher';
import type { WindowLayout } from '@vsoc/vsoc/layout';
import { createWindow, type WindowFds } from './window.js';

/** Holds a `HandOverNumbers` as JSON. */
export const handOverVariable = 'VSOC_HAND_OVER';

/** 'taken': a guest of a former server lives, or may; the launcher tells when it is gone. */
export type SeatState = 'free' | 'taken';

/** What a launcher tells its server: the guest of a former server has ended. */
export const guestIsGone = { guest: 'gone' } as const;

/** Descriptor numbers in the server's process. */
interface HandOverNumbers {
  readonly window: number;
  readonly hostSocket: number;
  readonly guestSocket: number;
  /** In the order of the regions. */
  readonly doorbells: readonly { readonly guestToHost: number; readonly hostToGuest: number }[];
  readonly guestSeat: SeatState;
}

export interface HandOver extends Disposable {
  /** What a server's LaunchSpec needs on top. The descriptors stay the launcher's. */
  launchParts(guestSeat: SeatState): { env: Record<string, string>; fds: readonly number[] };
}

/** For the launcher: formats the window, listens on both sockets. Disposed, the sockets' files are gone too. */
export function prepareHandOver(
  layout: WindowLayout,
  paths: Pick<RunPaths, 'serverSocket' | 'qemuSocket'>,
): HandOver {
  using stack = new DisposableStack();
  const window = stack.use(createWindow(layout));
  const hostSocket = stack.use(listenUnix(paths.serverSocket, 'stream', 0o600));
  stack.defer(() => unlinkSync(paths.serverSocket));
  const guestSocket = stack.use(listenUnix(paths.qemuSocket, 'stream', 0o600));
  stack.defer(() => unlinkSync(paths.qemuSocket));
  const owned = stack.move();

  return {
    launchParts(guestSeat) {
      const fds: number[] = [];
      const place = (fd: OwnedFd) => firstPassedFd + fds.push(fd.fd) - 1;
      const numbers: HandOverNumbers = {
        window: place(window.fd),
        hostSocket: place(hostSocket),
        guestSocket: place(guestSocket),
        doorbells: window.doorbells.map(({ guestToHost, hostToGuest }) => ({
          guestToHost: place(guestToHost),
          hostToGuest: place(hostToGuest),
        })),
        guestSeat,
      };
      return { env: { [handOverVariable]: JSON.stringify(numbers) }, fds };
    },
    [Symbol.dispose]: () => owned[Symbol.dispose](),
  };
}

/** The server's end of it. */
export interface HandedOver extends Disposable {
  readonly window: WindowFds;
  readonly hostSocket: OwnedFd;
  readonly guestSocket: OwnedFd;
  readonly guestSeat: SeatState;
}

/** Undefined where nothing was handed over. Throws on what cannot be served, with what was expected and seen. */
export function takeHandOver(regionCount: number): HandedOver | undefined {
  const text = process.env[handOverVariable];
  if (text === undefined) return undefined;
  delete process.env[handOverVariable];
  using stack = new DisposableStack();
  const numbers = parse(text);
  const own = (fd: unknown, what: string, kind: string) => stack.use(takeFd(fd, what, kind));
  if (numbers.guestSeat !== 'free' && numbers.guestSeat !== 'taken') {
    throw new Error(`${handOverVariable}: guestSeat is ${numbers.guestSeat}, expected free or taken`);
  }
  if (numbers.doorbells?.length !== regionCount) {
    const seen = numbers.doorbells?.length ?? 'none';
    throw new Error(`${handOverVariable}: expected doorbells for ${regionCount} regions, saw ${seen}`);
  }
  const window = {
    fd: own(numbers.window, 'window', 'file'),
    doorbells: numbers.doorbells.map(({ guestToHost, hostToGuest }, index) => ({
      guestToHost: own(guestToHost, `guest to host doorbell ${index}`, 'anonymous'),
      hostToGuest: own(hostToGuest, `host to guest doorbell ${index}`, 'anonymous'),
    })),
  };
  const hostSocket = own(numbers.hostSocket, 'host socket', 'socket');
  const guestSocket = own(numbers.guestSocket, 'guest socket', 'socket');
  const owned = stack.move();
  const dispose = () => owned[Symbol.dispose]();
  return {
    window: { ...window, [Symbol.dispose]: dispose },
    hostSocket,
    guestSocket,
    guestSeat: numbers.guestSeat,
    [Symbol.dispose]: dispose,
  };
}

function parse(text: string): Partial<HandOverNumbers> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // said below
  }
  throw new Error(`${handOverVariable}: expected a JSON object, saw ${text}`);
}

function takeFd(fd: unknown, what: string, kind: string): OwnedFd {
  if (typeof fd !== 'number' || !Number.isInteger(fd) || fd < 3) {
    throw new Error(`${handOverVariable}: ${what} is ${fd}, expected a descriptor from 3 on`);
  }
  const seen = identifyFd(fd).kind;
  if (seen !== kind) throw new Error(`${handOverVariable}: ${what}, descriptor ${fd}: ${seen}, not ${kind}`);
  return OwnedFd.own(fd, `${what}, handed over`);
}
