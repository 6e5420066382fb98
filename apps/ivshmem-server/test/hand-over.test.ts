/** A server that is killed and started again on the window that its launcher kept: real processes, real SIGKILL. */
import { readFileSync, writeFileSync, writeSync } from 'node:fs';
import { identifyFd } from '@vsoc/native';
import type { Child } from '@vsoc/process/launcher';
import { startProcesses, type TestProcesses } from '@vsoc/testkit';
import { connectHost, type HostRegion } from '@vsoc/vsoc/host';
import { layoutToJson, planWindow, system } from '@vsoc/vsoc/layout';
import { describe, expect, it } from 'vitest';
import { guestIsGone, type HandOver, prepareHandOver, type SeatState } from '../src/hand-over.js';
import { echo } from '../src/testing/echo.js';
import { encodeName, openRawClient, openRawRegion, readAnswer, readHello, readNotice } from './raw-client.js';

const layout = planWindow([system, echo]);

interface Run extends AsyncDisposable {
  readonly processes: TestProcesses;
  readonly handOver: HandOver;
  readonly serverSocket: string;
  startServer(guestSeat: SeatState): Promise<Child>;
  startGuest(): Promise<Child>;
}

function openRun(): Run {
  const processes = startProcesses();
  const { paths } = processes;
  writeFileSync(paths.layoutFile, layoutToJson(layout));
  const handOver = prepareHandOver(layout, paths);
  return {
    processes,
    handOver,
    serverSocket: paths.serverSocket,
    startServer: (guestSeat) =>
      processes.start({
        name: 'ivshmem-server',
        program: 'apps/ivshmem-server/dist/bin/server.js',
        ...handOver.launchParts(guestSeat),
      }),
    startGuest: () =>
      processes.start({ name: 'guest-driver', program: 'apps/guest-driver/dist/bin/guest-driver.js' }),
    async [Symbol.asyncDispose]() {
      handOver[Symbol.dispose]();
      await processes[Symbol.asyncDispose]();
    },
  };
}

const startEcho = ({ processes }: Run) =>
  processes.start({ name: 'echo', program: 'apps/ivshmem-server/dist/testing/echo-guest.js' });

async function kill(child: Child): Promise<void> {
  child.kill('SIGKILL');
  expect((await child.ended).text).toBe('killed by SIGKILL');
}

/** Sends `count` numbers to the guest, each of which must come back. */
async function makeTrips({ data: { ping, pong }, ...region }: HostRegion<typeof echo>, count: number) {
  for (let trip = 0; trip < count; trip++) {
    const before = pong.load();
    ping.store((ping.load() + 1) >>> 0);
    region.signal(ping);
    expect(await region.waitWhile(pong, before)).toBe('changed');
    expect(pong.load()).toBe(ping.load());
  }
}

/** Which files and which eventfds: all eventfds share one inode, the kernel tells them apart in fdinfo. */
function identitiesOf(fds: readonly { readonly fd: number }[]): string[] {
  return fds.map(({ fd }) => {
    const { dev, ino } = identifyFd(fd);
    const eventfd = /^eventfd-id:.*$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'));
    return `${dev}:${ino} ${eventfd?.[0] ?? ''}`.trim();
  });
}

describe('a server killed and started again on the window that it is handed', () => {
  it('finds both halves still talking, and lets a new host client into the same window', async () => {
    await using run = openRun();
    const first = await run.startServer('free');
    await run.startGuest();
    await startEcho(run);
    using host = await connectHost({ serverSocket: run.serverSocket });
    using region = await host.open(echo);
    using before = openRawRegion(run.serverSocket, echo.name);
    await makeTrips(region, 50);

    await kill(first);
    expect(host.lost.aborted).toBe(true);
    await makeTrips(region, 200);
    // Nobody accepts, but the socket is there: this one waits in its queue.
    using waiting = openRawClient(run.serverSocket);

    await run.startServer('taken');
    expect(readHello(waiting)).toBe(1);
    waiting.send(encodeName(echo.name));
    expect(readAnswer(waiting)).toMatchObject({ status: 0, text: '' });
    expect(identitiesOf(waiting.fds)).toEqual(identitiesOf(before.fds));
    expect(new Set(identitiesOf(waiting.fds)).size).toBe(3);
    await makeTrips(region, 50);

    // The old device opens a region again, and a new one maps the same bytes.
    using again = await host.open(echo);
    using newHost = await connectHost({ serverSocket: run.serverSocket });
    using newRegion = await newHost.open(echo);
    expect(newRegion.data.ping.load()).toBe(300);
    await makeTrips(again, 20);
    await makeTrips(newRegion, 20);
    expect(region.data.pong.load()).toBe(340);
  });

  it('keeps the seat of the guest that lives, until it is told that it is gone; then epochs are told again', async () => {
    await using run = openRun();
    const first = await run.startServer('free');
    const guest = await run.startGuest();
    const half = await startEcho(run);
    await kill(first);
    const second = await run.startServer('taken');
    using client = openRawRegion(run.serverSocket, system.name);
    await expect(run.startGuest()).rejects.toThrow('EBUSY: bus: the ivshmem server refuses');
    expect(run.processes.logLines.join('\n')).toContain('the guest of a former server has the seat');

    await kill(guest);
    expect((await half.ended).code).toBe(1);
    second.tell(guestIsGone);
    expect(readNotice(client)).toBe(0);
    const next = await run.startGuest();
    expect(await next.ready).toMatchObject({ epoch: 2 });
    expect(readNotice(client)).toBe(2);

    // Told again, with a guest that is connected: that one's own connection counts.
    second.tell(guestIsGone);
    await expect(run.startGuest()).rejects.toThrow('EBUSY');
    await startEcho(run);
    using host = await connectHost({ serverSocket: run.serverSocket });
    using region = await host.open(echo);
    expect(host.guestEpoch()).toBe(2);
    await makeTrips(region, 20);
  });

  it('refuses a window that is not the one of layout.json', async () => {
    await using run = openRun();
    const other = planWindow([system, { ...echo, name: 'other' }]);
    writeFileSync(run.processes.paths.layoutFile, layoutToJson(other));
    await expect(run.startServer('free')).rejects.toThrow(
      /the window is not the planned one: line \d+ of the plan says "name": "other", the window "name": "echo"/,
    );
  });

  it('refuses a window whose first page was scribbled over', async () => {
    await using run = openRun();
    await kill(await run.startServer('free'));
    const [windowFd = -1] = run.handOver.launchParts('free').fds;
    writeSync(windowFd, new Uint8Array(64), 0, 64, 0);
    await expect(run.startServer('free')).rejects.toThrow('before it was ready: EINVAL');
  });
});
