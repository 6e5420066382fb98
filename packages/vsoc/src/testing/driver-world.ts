// A guest driver over a real window, without sockets: the test is the process, the bus and the zeroing worker.
import { fill } from '@vsoc/native';
import { type Description, type Driver, openDriver } from '../driver/index.js';
import { type ErrorCode, VsocError } from '../errors.js';
import {
  fdScopedPermissionArg,
  ioctlNumber,
  type RegionDefinition,
  regionOffset,
  vsocCondWait,
  waitType,
} from '../layout/index.js';
import type { Claim } from '../permissions/index.js';
import { type SignalTable, signalTable } from '../signalling/index.js';
import { encode } from '../wire/encode.js';
import { openTestWindow, type TestWindow } from './window.js';

/** How an ioctl ended: thrown and answered errors look alike to a process. */
export interface Answer {
  readonly code: ErrorCode | undefined;
  readonly bytes: Uint8Array;
  readonly text: string | undefined;
}

export interface Call {
  /** Undefined while it sleeps. */
  readonly answer: Answer | undefined;
  readonly ended: Promise<Answer>;
  /** As the channel does it for a process that gives up. */
  interrupt(): void;
}

export interface CallOptions {
  readonly argument?: number;
  readonly bytes?: Uint8Array;
  readonly managed?: Description;
}

export interface DriverWorld extends Disposable {
  readonly window: TestWindow;
  readonly driver: Driver;
  /** Region indexes of the host's doorbells, in the order of ringing. */
  readonly rings: number[];
  open(definition: RegionDefinition): Description;
  ioctl(description: Description, request: number, options?: CallOptions): Call;
  /** From here on areas are not zeroed until the returned function is called. */
  holdFills(): () => void;
  hostToGuest(definition: RegionDefinition): SignalTable;
  guestToHost(definition: RegionDefinition): SignalTable;
}

export interface DriverWorldOptions {
  /** A window with a past; stays the caller's. */
  readonly window?: TestWindow;
}

export function openDriverWorld(options: DriverWorldOptions = {}): DriverWorld {
  const window = options.window ?? openTestWindow();
  const rings: number[] = [];
  let gate: Promise<void> | undefined;
  const zero = (windowOffset: number, lengthBytes: number) =>
    fill(new Uint8Array(window.buffer, windowOffset, lengthBytes), 0);
  const driver = openDriver(window.layout, window.buffer, {
    ringHost: (index) => rings.push(index),
    fill: zero,
    async fillLater(windowOffset, lengthBytes) {
      await gate;
      zero(windowOffset, lengthBytes);
    },
  });

  return {
    window,
    driver,
    rings,
    open: ({ name }) => driver.open(window.region(name).index, 4711),
    ioctl: (description, request, callOptions = {}) => startCall(driver, description, request, callOptions),
    holdFills() {
      let open = () => {};
      gate = new Promise((resolve) => {
        open = resolve;
      });
      return open;
    },
    hostToGuest: ({ name }) => tableOf(window, name, 'hostToGuest'),
    guestToHost: ({ name }) => tableOf(window, name, 'guestToHost'),
    [Symbol.dispose]() {
      driver[Symbol.dispose]();
      if (!options.window) window[Symbol.dispose]();
    },
  };
}

function tableOf(window: TestWindow, name: string, direction: 'hostToGuest' | 'guestToHost'): SignalTable {
  const memory = window.memory(name);
  return signalTable(memory, window.region(name)[direction], memory.sizeBytes);
}

function startCall(driver: Driver, description: Description, request: number, options: CallOptions): Call {
  let answer: Answer | undefined;
  let onEnd: (answer: Answer) => void = () => {};
  const ended = new Promise<Answer>((resolve) => {
    onEnd = resolve;
  });
  const finish = (code: ErrorCode | undefined, bytes: Uint8Array, text?: string) => {
    if (answer) throw new Error(`answered twice: ${answer.code}, then ${code}`);
    answer = { code, bytes, text };
    onEnd(answer);
  };
  const { argument = 0, bytes = new Uint8Array(0), managed } = options;
  let interrupt = () => {};
  try {
    const pending = driver.ioctl({ description, request, argument, bytes, managed, finish });
    if (pending) interrupt = () => pending.interrupt();
  } catch (error) {
    if (!(error instanceof VsocError)) throw error;
    finish(error.code, new Uint8Array(0), error.detail);
  }
  return {
    get answer() {
      return answer;
    },
    ended,
    interrupt,
  };
}

export interface CondWaitFields {
  readonly offset: number;
  readonly value?: number;
  readonly deadlineNs?: bigint;
  /** Over what follows from the deadline. */
  readonly waitType?: number;
  readonly wakeTimeNsec?: number;
  /** Input that the driver ignores. */
  readonly wakes?: number;
}

/** COND_WAIT's argument. */
export function condWaitBytes({ offset, value = 0, deadlineNs, ...over }: CondWaitFields): Uint8Array {
  return encode(vsocCondWait, {
    offset,
    value,
    wakeTimeSec: (deadlineNs ?? 0n) / 1_000_000_000n,
    wakeTimeNsec: Number((deadlineNs ?? 0n) % 1_000_000_000n),
    waitType: deadlineNs === undefined ? waitType.ifEqual : waitType.ifEqualTimeout,
    wakes: 0,
    reserved1: 0,
    ...over,
  });
}

/** What COND_WAIT's answer says in `wakes`. */
export function wakesOf({ bytes }: Answer): number {
  return vsocCondWait.read(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), 0).wakes;
}

export interface ClaimShape {
  readonly page?: number;
  readonly pages?: number;
  /** The same as the page where it is left out. */
  readonly owner?: number;
  readonly ownedValue?: number;
}

/** A legal claim on page `page` of a managed region, guarded by owner word number `owner` of its manager. */
export function claimOf(
  window: TestWindow,
  [manager, managed]: readonly [RegionDefinition, RegionDefinition],
  { page = 0, pages = 1, owner, ownedValue = 1 }: ClaimShape = {},
): Claim {
  const begin = window.region(managed.name).dataOffset + page * 4096;
  return {
    beginOffset: begin,
    endOffset: begin + pages * 4096,
    ownerOffset: regionOffset(ownersOf(window, manager) + 4 * (owner ?? page)),
    ownedValue,
  };
}

/** Region offset of a manager's first owner word. */
export function ownersOf(window: TestWindow, manager: RegionDefinition): number {
  return window.region(manager.name).dataOffset + manager.tailOffset;
}

/** CREATE on `manager` for `managed`. */
export function create(
  world: DriverWorld,
  manager: Description,
  managed: Description | undefined,
  claim: Claim,
): Call {
  return world.ioctl(manager, ioctlNumber.createFdScopedPermission, {
    bytes: encode(fdScopedPermissionArg, { perm: claim, managedRegionFd: 1 }),
    ...(managed ? { managed } : {}),
  });
}
