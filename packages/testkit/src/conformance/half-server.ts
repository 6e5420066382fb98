// Inside the process that holds a half: opens it, calls its operations as it is told, tells how they ended.

import { setImmediate } from 'node:timers/promises';
import { DisposableStack } from '@vsoc/native';
import { runPaths } from '@vsoc/process';
import { openGuest } from '@vsoc/vsoc/guest';
import { connectHost } from '@vsoc/vsoc/host';
import { assertNothingLeft, type Snapshot, snapshot } from '../leak-guard.js';
import type { Bound, Hal, HalfUnderTest, Mark, Operation, Side } from './hal.js';
import { type Command, type Reply, type Request, sentError } from './messages.js';
import { declaredHal } from './registry.js';
import { beRestless } from './restlessness.js';

interface OpenedHalf {
  readonly half: Disposable;
  readonly operations: HalfUnderTest<never>;
  epoch(): number;
  /** Device and half, in the order of their opening. */
  readonly owned: DisposableStack;
  readonly before: Snapshot;
}

/** Somewhat later than the deadline, which should come first. */
const signalAfterDeadlineMs = 100;

export interface HalfServer {
  /** Never rejects: how it ended is reported. */
  handle(request: Request): Promise<void>;
}

export function openHalfServer(side: Side, report: (reply: Reply) => void): HalfServer {
  let opened: OpenedHalf | undefined;

  function current(): OpenedHalf {
    if (!opened) throw new Error('no half is open here');
    return opened;
  }

  async function carryOut(command: Command): Promise<unknown> {
    switch (command.verb) {
      case 'open':
        if (opened) throw new Error('a half is open here already');
        opened = await openHalf(declaredHal(command.hal), side, command.runDir);
        return undefined;
      case 'dispose':
        return current().half[Symbol.dispose]();
      case 'close': {
        const { owned, before } = current();
        opened = undefined;
        owned[Symbol.dispose]();
        if (command.settleMs !== undefined) await assertNothingLeft(before, command.settleMs);
        return undefined;
      }
      case 'epoch':
        return current().epoch();
      case 'keepBusy':
        return keepBusy(current(), command);
      default:
        return operate(current(), command);
    }
  }

  return {
    async handle({ id, ...command }) {
      try {
        const ending = carryOut(command);
        ending.catch(() => {}); // awaited below
        // A wait has reached its sleep by now: it takes no longer than microtasks until it has asked for it.
        await setImmediate();
        report({ id, begun: true });
        report({ id, value: await ending });
      } catch (error) {
        report({ id, error: sentError(error) });
      }
    },
  };
}

async function openHalf(hal: Hal, side: Side, runDir: string): Promise<OpenedHalf> {
  const before = snapshot();
  const paths = runPaths(runDir);
  using stack = new DisposableStack();
  if (side === 'guest') {
    const device = stack.use(await openGuest({ deviceDirectory: paths.deviceDir }));
    const half = stack.use(await hal.guest.open({ device, paths }));
    return { half, operations: hal.guest, epoch: () => device.epoch, owned: stack.move(), before };
  }
  const device = stack.use(await connectHost({ serverSocket: paths.serverSocket }));
  const half = stack.use(await hal.host.open({ device, paths }));
  return { half, operations: hal.host, epoch: () => device.guestEpoch(), owned: stack.move(), before };
}

type OperationCommand = Extract<Command, { verb: Operation }>;
type BusyCommand = Extract<Command, { verb: 'keepBusy' }>;

async function operate({ half, operations }: OpenedHalf, command: OperationCommand): Promise<unknown> {
  const { verb, mark, boundMs } = command;
  const bound: Bound = {
    deadlineNs: process.hrtime.bigint() + BigInt(Math.ceil(boundMs)) * 1_000_000n,
    signal: AbortSignal.timeout(Math.ceil(boundMs) + signalAfterDeadlineMs),
  };
  switch (verb) {
    case 'tell':
      return operations.tell?.(half);
    case 'hear':
      return operations.hear?.(half, bound);
    case 'look':
      return operations.look?.(half, mark as Mark);
    case 'untilAnswered':
      return operations.untilAnswered?.(half, mark as Mark, bound);
  }
}

/**
 * An operation may end at once each time: then nothing runs but it, unless the half sees to that. The words rest again
 * when the half is closed.
 */
async function keepBusy(
  opened: OpenedHalf,
  { operation, mark, restless, boundMs }: BusyCommand,
): Promise<void> {
  opened.owned.use(beRestless(restless));
  const marked = mark === undefined ? {} : { mark };
  const endMs = performance.now() + boundMs;
  for (let leftMs = boundMs; leftMs > 0; leftMs = endMs - performance.now())
    await operate(opened, { verb: operation, ...marked, boundMs: leftMs });
}
