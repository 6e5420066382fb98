// A host client against servers that are wrong, slow or gone: it ends with what it saw, and keeps no descriptor.
import { createEventfd, DisposableStack, liveResources } from '@vsoc/native';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openScriptedPeer } from '../testing/scripted-peer.js';
import { until } from '../testing/words.js';
import { encode, hostAnswer, hostHello, hostNotice, type UnixSocket } from '../wire/index.js';
import { requestRegion } from './connection.js';

let liveBefore: number;
let stack: DisposableStack;
const events = { onGuestEpoch: vi.fn(), onLost: vi.fn() };

beforeEach(() => {
  liveBefore = liveResources().length;
  stack = new DisposableStack();
  vi.clearAllMocks();
});
afterEach(() => {
  stack[Symbol.dispose]();
  expect(liveResources()).toHaveLength(liveBefore);
});

const hello = encode(hostHello, { version: 1 });
const granted = encode(hostAnswer, { status: 0, beginOffset: 0x1000, endOffset: 0x2000, textLength: 0 });
const doorbells = () => [1, 2, 3].map(() => stack.use(createEventfd()).fd);

function refusal(status: number, text: string, textLength = text.length): Uint8Array {
  const head = { status, beginOffset: 0, endOffset: 0, textLength };
  return encode(hostAnswer, head, new TextEncoder().encode(text));
}

/** The server says `first` at once and the rest once it has the name. */
function serve(first: Uint8Array, afterName: (client: UnixSocket, name: Uint8Array) => void = () => {}) {
  return stack.use(
    openScriptedPeer('stream', (client) => {
      client.send(first);
      return { onMessage: (bytes) => afterName(client, bytes) };
    }),
  );
}

const request = (path: string) => requestRegion(path, 'some_region', events);

test('sends the name with its length, and gets bounds and descriptors', async () => {
  let name: Uint8Array | undefined;
  const { path } = serve(hello, (client, bytes) => {
    name = bytes;
    client.send(granted, doorbells());
  });
  using grant = await request(path);
  expect(name).toEqual(new Uint8Array([11, 0, ...new TextEncoder().encode('some_region')]));
  expect([grant.beginOffset, grant.endOffset]).toEqual([0x1000, 0x2000]);
  const fds = [grant.guestToHostDoorbell, grant.hostToGuestDoorbell, grant.window];
  expect(fds.every(({ closed }) => !closed)).toBe(true);
});

test('takes an answer that comes byte by byte, and notices behind it', async () => {
  const notices = [1, 2].map((epoch) => encode(hostNotice, { kind: 1, epoch }));
  const { path } = serve(hello, (client) => {
    client.send(granted.subarray(0, 1), doorbells());
    for (const byte of granted.subarray(1)) client.send(new Uint8Array([byte]));
    for (const notice of notices) client.send(notice);
  });
  using _grant = await request(path);
  await until(() => events.onGuestEpoch.mock.calls.length === 2);
  expect(events.onGuestEpoch.mock.calls).toEqual([[1], [2]]);
});

describe('with an AbortSignal', () => {
  test('a server that says nothing more is given up for the reason of the signal', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const { path } = serve(hello, () => controller.abort(reason));
    await expect(requestRegion(path, 'some_region', events, controller)).rejects.toBe(reason);
    expect(events.onLost).not.toHaveBeenCalled();
  });

  test('one that has fired already asks nobody', async () => {
    const reason = new Error('enough');
    const signal = AbortSignal.abort(reason);
    await expect(requestRegion('/nowhere', 'some_region', events, { signal })).rejects.toBe(reason);
  });

  test('one that fires after the answer changes nothing', async () => {
    const controller = new AbortController();
    const { path } = serve(hello, (client) => client.send(granted, doorbells()));
    using grant = await requestRegion(path, 'some_region', events, controller);
    controller.abort();
    expect(grant.window.closed).toBe(false);
  });
});

describe('rejects', () => {
  test.each<[string, Uint8Array, ((client: UnixSocket) => void) | undefined, string, string]>([
    ['another version', encode(hostHello, { version: 2 }), undefined, 'EPROTO', 'version 2'],
    ['the server’s own refusal', hello, (c) => c.send(refusal(-2, 'no such')), 'ENOENT', 'no such'],
    ['an errno that nobody speaks', hello, (c) => c.send(refusal(-9999, 'odd')), 'EPROTO', 'odd'],
    ['a text that is too long', hello, (c) => c.send(refusal(-2, '', 2000)), 'EPROTO', '2000 bytes'],
    ['an answer without descriptors', hello, (c) => c.send(granted), 'EPROTO', 'three descriptors'],
    ['with one too few', hello, (c) => c.send(granted, doorbells().slice(1)), 'EPROTO', 'three descriptors'],
    [
      'with one too many',
      hello,
      (c) => c.send(granted, [...doorbells(), ...doorbells()]),
      'EPROTO',
      'nobody asked for',
    ],
    ['a hang-up instead of an answer', hello, (c) => c[Symbol.dispose](), 'ECONNRESET', 'closed'],
    [
      'a hang-up within the answer',
      hello,
      (client) => {
        client.send(granted.subarray(0, 7), doorbells());
        client[Symbol.dispose]();
      },
      'ECONNRESET',
      'closed',
    ],
  ])('%s', async (_what, first, afterName, code, text) => {
    const { path } = serve(first, afterName);
    await expect(request(path)).rejects.toMatchObject({ code, message: expect.stringContaining(text) });
    expect(events.onLost).not.toHaveBeenCalled();
  });

  test('a hang-up before the version', async () => {
    const { path } = stack.use(
      openScriptedPeer('stream', (client) => {
        client[Symbol.dispose]();
        return undefined;
      }),
    );
    await expect(request(path)).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  test('where nobody listens', async () => {
    await expect(request('/nowhere/server.sock')).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe('once open', () => {
  test.each<[string, (client: UnixSocket) => void, string]>([
    ['a hang-up', (client) => client[Symbol.dispose](), 'ECONNRESET'],
    ['a descriptor that nobody asked for', (client) => client.send(hello, doorbells()), 'EPROTO'],
  ])('%s loses the connection, once; the descriptors stay the holder’s', async (_what, act, code) => {
    let opened: UnixSocket | undefined;
    const { path } = serve(hello, (client) => {
      opened = client;
      client.send(granted, doorbells());
    });
    using grant = await request(path);
    act(opened as UnixSocket);
    await until(() => events.onLost.mock.calls.length > 0);
    expect(events.onLost.mock.calls).toEqual([[expect.objectContaining({ code })]]);
    expect(grant.window.closed).toBe(false);
  });

  test('a client that was busy for long hears all notices that wait, and stays', async () => {
    const epochs = Array.from({ length: 1000 }, (_, index) => index + 1);
    const { path } = serve(hello, (client) => {
      client.send(granted, doorbells());
      client.send(Buffer.concat(epochs.map((epoch) => encode(hostNotice, { kind: 1, epoch }))));
    });
    using _grant = await request(path);
    await until(() => events.onGuestEpoch.mock.calls.length === epochs.length);
    expect(events.onGuestEpoch.mock.calls.flat()).toEqual(epochs);
    expect(events.onLost).not.toHaveBeenCalled();
  });

  test('a notice of another kind is passed over', async () => {
    const { path } = serve(hello, (client) => {
      client.send(granted, doorbells());
      client.send(encode(hostNotice, { kind: 77, epoch: 5 }));
      client.send(encode(hostNotice, { kind: 1, epoch: 6 }));
    });
    using _grant = await request(path);
    await until(() => events.onGuestEpoch.mock.calls.length > 0);
    expect(events.onGuestEpoch.mock.calls).toEqual([[6]]);
  });

  test('nothing is told after dispose', async () => {
    let opened: UnixSocket | undefined;
    const { path } = serve(hello, (client) => {
      opened = client;
      client.send(granted, doorbells());
    });
    const grant = await request(path);
    grant[Symbol.dispose]();
    opened?.[Symbol.dispose]();
    await new Promise((resolve) => setImmediate(resolve));
    expect(events.onLost).not.toHaveBeenCalled();
  });
});
