// QEMU's protocol against a real server: what a guest is handed, in which order, and who else may come.
import { assertSealed, identifyFd, readEventfd, signalEventfd } from '@vsoc/native';
import { guardLeaks } from '@vsoc/testkit/hooks';
import { system } from '@vsoc/vsoc/layout';
import { describe, expect, test } from 'vitest';
import {
  encodeName,
  openRawClient,
  openRawRegion,
  type RawClient,
  readAnswer,
  readHello,
  readNotice,
} from './raw-client.js';
import { bareRegion, type ServedWindow, serveWindow, until } from './served-window.js';

guardLeaks();

function readNumbers(guest: RawClient, count: number): bigint[] {
  return Array.from({ length: count }, () => guest.read(8).getBigInt64(0, true));
}

/** Connected, and everything read that it is handed. */
function takeSeat({ guestSocket, layout }: ServedWindow): RawClient {
  const guest = openRawClient(guestSocket);
  readNumbers(guest, 3 + 2 * layout.regions.length);
  return guest;
}

function expectRefusal({ guestSocket }: ServedWindow): void {
  using second = openRawClient(guestSocket);
  expect(readNumbers(second, 1)).toEqual([-1n]);
  expect([second.readToEnd().byteLength, second.fds]).toEqual([0, []]);
}

describe('the guest is handed', () => {
  test('version, its id, the window, the host’s doorbells, its own', async () => {
    await using served = await serveWindow();
    using guest = openRawClient(served.guestSocket);
    expect(readNumbers(guest, 9)).toEqual([0n, 1n, -1n, 0n, 0n, 0n, 1n, 1n, 1n]);
    expect(assertSealed(guest.fds[0]?.fd as number)).toBe(served.layout.sizeBytes);
    expect(guest.fds.slice(1).map(({ fd }) => identifyFd(fd).kind)).toEqual(Array(6).fill('anonymous'));
  });

  test('the host clients’ own doorbells, the vector being the region’s index', async () => {
    await using served = await serveWindow();
    using guest = takeSeat(served);
    using host = openRawRegion(served.hostSocket, 'second');
    const [guestToHost, hostToGuest] = host.fds.map(({ fd }) => fd);
    // Behind the window: three of the host, three of the guest; 'second' has index 2.
    const [toHost, toGuest] = [guest.fds[1 + 2], guest.fds[4 + 2]].map((doorbell) => doorbell?.fd);
    signalEventfd(toHost as number);
    expect(readEventfd(guestToHost as number)).toBe(1n);
    signalEventfd(hostToGuest as number);
    expect(readEventfd(toGuest as number)).toBe(1n);
  });

  test('as many doorbells as a window can have regions', async () => {
    const regions = Array.from({ length: 67 }, (_, index) => bareRegion(`a_long_name_${index}`));
    await using served = await serveWindow([system, ...regions]);
    using guest = takeSeat(served);
    expect(guest.fds).toHaveLength(1 + 2 * 68);
    // And the longest list of names that a refusal can give is cut to what a client takes.
    using client = openRawClient(served.hostSocket);
    readHello(client);
    client.send(encodeName('none'));
    expect(readAnswer(client)).toMatchObject({ status: -2, textLength: 1024 });
  });
});

describe('the seat', () => {
  test('is one: a second guest is refused with version −1, and the first one stays', async () => {
    await using served = await serveWindow();
    using guest = takeSeat(served);
    expectRefusal(served);
    expectRefusal(served);
    await until(() => served.processes.logLines.some((line) => line.includes('one guest at a time')));
    expect(guest.fds).toHaveLength(7);
  });

  test('is free once the guest has gone: host clients are told, the next guest finds the same doorbells', async () => {
    await using served = await serveWindow();
    using host = openRawRegion(served.hostSocket, 'first');
    const first = takeSeat(served);
    signalEventfd(first.fds[2]?.fd as number);
    first[Symbol.dispose]();
    expect(readNotice(host)).toBe(0);
    using second = takeSeat(served);
    expect(readEventfd(second.fds[2]?.fd as number)).toBe(1n);
  });

  test('is lost by a guest that speaks', async () => {
    await using served = await serveWindow();
    using guest = takeSeat(served);
    guest.send(new Uint8Array(8));
    expect(guest.readToEnd()).toHaveLength(0);
    using _next = takeSeat(served);
    await until(() => served.processes.logLines.some((line) => line.includes('only the server speaks')));
  });
});

test('host clients hear of each life of a real guest: its epoch, its end, the next epoch', async () => {
  await using served = await serveWindow();
  using host = openRawRegion(served.hostSocket, 'first');
  const start = () =>
    served.processes.start({ name: 'guest-driver', program: 'apps/guest-driver/dist/bin/guest-driver.js' });
  const first = await start();
  expect(readNotice(host)).toBe(1);
  first.kill('SIGKILL');
  await first.ended;
  expect(readNotice(host)).toBe(0);
  const second = await start();
  expect(readNotice(host)).toBe(2);
  await second.stop();
  expect(readNotice(host)).toBe(0);
});
