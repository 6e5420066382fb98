// Two real processes, with the server and the guest driver between them: each beat is printed once by the host and
// heard by the guest. And the page that says how to start them is right.
import { writeFileSync } from 'node:fs';
import { heartbeat } from '@vsoc/heartbeat/layout';
import { startProcesses, startReadmePrograms } from '@vsoc/testkit';
import { layoutToJson, planWindow, system } from '@vsoc/vsoc/layout';
import { expect, test } from 'vitest';

test('the guest beats, the host prints each beat, the guest knows that it was heard', async () => {
  await using processes = startProcesses();
  writeFileSync(processes.paths.layoutFile, layoutToJson(planWindow([system, heartbeat])));
  const start = (name: string, program: string, ...args: string[]) =>
    processes.start({ name, program: `apps/${program}.js`, args });
  await start('ivshmem-server', 'ivshmem-server/dist/bin/server');
  await start('guest-driver', 'guest-driver/dist/bin/guest-driver');
  await start('host', 'heartbeat/dist/bin/host');
  const guest = await start('guest', 'heartbeat/dist/bin/guest', '--beats', '5', '--interval-ms', '0');

  expect(await guest.ended).toMatchObject({ code: 0 });
  const printed = (pattern: RegExp) => processes.logLines.filter((line) => pattern.test(line));
  expect(printed(/^epoch/)).toEqual([1, 2, 3, 4, 5].map((beat) => `epoch 1 beat ${beat}`));
  expect(printed(/^beat/)).toEqual([1, 2, 3, 4, 5].map((beat) => `beat ${beat} heard`));
});

test('the commands of the README start it by hand', async () => {
  await using readme = await startReadmePrograms(new URL('../', import.meta.url));
  const [, , host, guest] = readme.programs;
  expect(await guest?.closed).toEqual([0, null]);
  expect(guest?.printed()).toContain('beat 3 heard\n');
  expect(host?.printed()).toContain('epoch 1 beat 3\n');
});
