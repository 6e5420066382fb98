/** Another guest process of a test, which does what it is told: fixtures/companion.mjs. */
import type { OwnedFd } from '@vsoc/native';
import { listenAt, openSocket, type UnixSocket } from '@vsoc/vsoc/wire';
import type { AllocationRequest, Gralloc, GraphicsBuffer } from '../src/guest.js';
import type { BufferReference } from '../src/protocol.js';
import { picture, type TestGuest } from './run.js';

/** Of `allocate` and `give`: a buffer, or why there is none. */
export interface CompanionAnswer {
  readonly reference?: BufferReference;
  readonly refused?: string;
  readonly remainingBytes?: number;
  readonly code?: string;
  readonly message?: string;
}

interface SentOn {
  readonly message: Uint8Array;
  readonly fds: OwnedFd[];
}

export type Companion = Awaited<ReturnType<typeof startCompanion>>;

let started = 0;

function promised<T>() {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

export async function startCompanion({ processes, paths }: TestGuest) {
  const path = `${paths.guestDir}/companion-${++started}`;
  const answers: ((text: string) => void)[] = [];
  const sentOn: SentOn[] = [];
  const { promise: connected, resolve: connect } = promised<UnixSocket>();
  const listener = listenAt(path, { type: 'seqpacket', mode: 0o600 }, (connection) => {
    const opened = openSocket(connection, {
      onMessage(message, fds) {
        if (fds.length > 0) sentOn.push({ message, fds });
        else answers.shift()?.(new TextDecoder().decode(message));
      },
      onEnd() {},
    });
    connect(opened);
  });
  const program = 'apps/gralloc/test/fixtures/companion.mjs';
  const child = await processes.start({ name: 'companion', program, args: ['--socket', path] });
  const socket = await connected;

  function nextAnswer<Answer>(): Promise<Answer> {
    return new Promise((resolve) => answers.push((text) => resolve(JSON.parse(text))));
  }
  function tell<Answer>(what: string, argument: object): Promise<Answer> {
    socket.send(new TextEncoder().encode(JSON.stringify({ what, ...argument })));
    return nextAnswer();
  }

  return {
    child,
    /** Allocates there; the buffer stays the companion's. */
    allocate: (request: AllocationRequest = picture) => tell<CompanionAnswer>('allocate', { request }),
    free: ({ entry }: BufferReference) => tell<object>('free', { entry }),
    paint: ({ entry }: BufferReference) => tell<object>('paint', { entry }),
    draw: ({ entry }: BufferReference, pictures: number) => tell<object>('draw', { entry, pictures }),
    look: ({ entry }: BufferReference, pictures: number) => tell<object>('look', { entry, pictures }),
    /** Lets the companion import a buffer of this process, which keeps its own hold. */
    give(gralloc: Gralloc, buffer: GraphicsBuffer): Promise<CompanionAnswer> {
      if (!gralloc.send(socket, buffer)) throw new Error('the companion does not take it');
      return nextAnswer();
    },
    /** What the companion sends of a buffer that it goes on holding; the caller owns the descriptors. */
    async take({ entry }: BufferReference): Promise<SentOn> {
      await tell('send', { entry });
      const next = sentOn.shift();
      if (!next) throw new Error('the companion sent no descriptor');
      return next;
    },
    /** Ends the process too: its buffers are let go by then. */
    async [Symbol.asyncDispose]() {
      await child.stop();
      for (const { fds } of sentOn) for (const fd of fds) fd[Symbol.dispose]();
      socket[Symbol.dispose]();
      listener[Symbol.dispose]();
    },
  };
}

/** A companion that allocated a buffer, and what names it. */
export async function allocatedBy(
  companion: Companion,
  request?: AllocationRequest,
): Promise<BufferReference> {
  const { reference, ...refusal } = await companion.allocate(request);
  if (!reference) throw new Error(`refused: ${JSON.stringify(refusal)}`);
  return reference;
}
