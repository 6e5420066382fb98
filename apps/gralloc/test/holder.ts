/** Another guest process of a test, which is sent buffers and holds them: fixtures/holder.mjs. */
import type { OwnedFd } from '@vsoc/native';
import { listenAt, openSocket, type UnixSocket } from '@vsoc/vsoc/wire';
import { expect } from 'vitest';
import type { TestGuest } from './run.js';

/** A process that holds what it is sent; `give` resolves with what it saw there. */
export async function startHolder({ processes, paths }: TestGuest) {
  const path = `${paths.guestDir}/holder`;
  const answers: ((text: string) => void)[] = [];
  let socket: UnixSocket | undefined;
  const listener = listenAt(path, { type: 'seqpacket', mode: 0o600 }, (connection) => {
    socket = openSocket(connection, {
      onMessage: (bytes) => answers.shift()?.(new TextDecoder().decode(bytes)),
      onEnd() {},
    });
  });
  const program = 'apps/gralloc/test/fixtures/holder.mjs';
  const child = await processes.start({ name: 'holder', program, args: ['--socket', path] });
  await expect.poll(() => socket).toBeDefined();
  return {
    child,
    give(reference: object, token: OwnedFd): Promise<object> {
      socket?.send(new TextEncoder().encode(JSON.stringify(reference)), [token.fd]);
      return new Promise((resolve) => answers.push((text) => resolve(JSON.parse(text))));
    },
    [Symbol.dispose]() {
      socket?.[Symbol.dispose]();
      listener[Symbol.dispose]();
    },
  };
}
