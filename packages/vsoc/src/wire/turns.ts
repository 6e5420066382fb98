// Whose turn it is in the loop of a program that serves many clients: one thing at a time, and a client that has spent
// its credit rests. What rests is not watched: it costs nothing, and its peer finds the socket full. Each millisecond
// what rests for a client with credit again gets turns from here, in order, until the credit is spent or nothing waits.
import { performance } from 'node:perf_hooks';
import { SystemError, type Watch, watch } from '@vsoc/native';
import { coldTurnCount, type LoopClock, Pace } from './pace.js';

export interface Watched extends Disposable {
  /** Lets the process end although it is watched. */
  unref(): void;
}

/** In whose name a descriptor is watched. */
export interface Client {
  /** `takeTurn` serves one thing; false: there was nothing to serve. It may dispose what this returned. */
  watch(fd: number, takeTurn: () => boolean): Watched;
}

export interface Turns {
  client(pid: number): Client;
  /** Whether something of this client waits until it has credit. */
  rests(pid: number): boolean;
  /** For what serves everybody: `takeTurn` says whom it served; undefined: there was nobody. */
  watchForAll(fd: number, takeTurn: () => number | undefined): Watched;
}

/** A client that is trusted gets its turns as it wants them. */
export const unpaced: Client = { watch: (fd, takeTurn) => watch(fd, 'readable', takeTurn) };

/** For a program that trusts all its clients. */
export const unpacedTurns: Turns = {
  client: () => unpaced,
  rests: () => false,
  watchForAll: (fd, takeTurn) => watch(fd, 'readable', takeTurn),
};

/** Something that is watched, or rests. */
interface Place {
  /** Serves one thing and charges whom it served. */
  serve(): number | undefined;
  isOver(): boolean;
  watch(): void;
  unwatch(): void;
}

const restMs = 1;
const loopClock: LoopClock = {
  nowMs: () => performance.now(),
  sleptMs: () => performance.nodeTiming.idleTime,
};

export function openTurns(clock: LoopClock = loopClock, coldTurns = coldTurnCount): Turns {
  const pace = new Pace(clock, coldTurns);
  // By the client whose credit they wait for. A place that is over meanwhile is left out when its turn comes.
  const queues = new Map<number, Set<Place>>();
  let isTimed = false;

  function rest(place: Place, client: number): void {
    place.unwatch();
    const queue = queues.get(client) ?? new Set();
    queues.set(client, queue.add(place));
    serveLater();
  }

  function serveLater(): void {
    if (!isTimed) setTimeout(serveResting, restMs);
    isTimed = true;
  }

  function serveResting(): void {
    isTimed = false;
    for (const [client, queue] of queues) {
      serveQueue(client, queue);
      if (queue.size > 0) continue;
      queues.delete(client);
      pace.caughtUp(client);
    }
    if (queues.size > 0) serveLater();
  }

  /** Places that are served go to the end of the queue, where this comes to them again. */
  function serveQueue(client: number, queue: Set<Place>): void {
    for (const place of queue) {
      if (pace.isSpent(client)) return;
      queue.delete(place);
      const served = place.isOver() ? undefined : place.serve();
      if (place.isOver()) continue;
      // A listener may have met another one who comes too often.
      if (served !== undefined) rest(place, pace.isSpent(served) ? served : client);
      else if (!canWatch(place)) {
        queue.add(place);
        return;
      }
    }
  }

  function open(fd: number, takeTurn: () => number | undefined, owner?: number): Watched {
    let watching: Watch | undefined;
    let isOver = false;
    let isUnref = false;

    function takeOrRest(): void {
      if (owner !== undefined && pace.isSpent(owner)) {
        rest(place, owner);
        return;
      }
      const served = place.serve();
      if (served !== undefined && !isOver && pace.isSpent(served)) rest(place, served);
    }

    const place: Place = {
      serve() {
        const sinceMs = clock.nowMs();
        const served = takeTurn();
        if (served !== undefined) pace.charge(served, sinceMs);
        return served;
      },
      isOver: () => isOver,
      watch() {
        watching = watch(fd, 'readable', takeOrRest);
        if (isUnref) watching.unref();
      },
      unwatch() {
        watching?.[Symbol.dispose]();
        watching = undefined;
      },
    };
    place.watch();
    return {
      unref() {
        isUnref = true;
        watching?.unref();
      },
      [Symbol.dispose]() {
        isOver = true;
        place.unwatch();
      },
    };
  }

  return {
    client: (pid) => ({
      watch: (fd, takeTurn) => open(fd, () => (takeTurn() ? pid : undefined), pid),
    }),
    rests: (pid) => queues.has(pid),
    watchForAll: (fd, takeTurn) => open(fd, takeTurn),
  };
}

/** False where this process has no descriptor left to watch with. */
function canWatch(place: Place): boolean {
  try {
    place.watch();
    return true;
  } catch (error) {
    if (isOutOfDescriptors(error)) return false;
    throw error;
  }
}

/** This process, or the whole system, has as many descriptors as it may. */
export function isOutOfDescriptors(error: unknown): boolean {
  return error instanceof SystemError && (error.code === 'EMFILE' || error.code === 'ENFILE');
}
