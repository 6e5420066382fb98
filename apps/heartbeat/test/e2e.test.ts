// Two real processes, with the server and the guest driver between them: each beat is printed once by the host and
// heard by the guest. And the page that says how to start them is right.
import { heartbeat } from '@vsoc/heartbeat/layout';
import { startGuestProcesses, startReadmePrograms } from '@vsoc/testkit';
import { system } from '@vsoc/vsoc/layout';
import { expect, test } from 'vitest';

test('the guest beats, the host prints each beat, the guest knows that it was heard', async () => {
  await using processes = await startGuestProcesses({ regions: [system, heartbeat] });
  const start = (name: string, ...args: string[]) =>
    processes.start({ name, program: `apps/heartbeat/dist/bin/${name}.js`, args });
  await start('host');
  const guest = await start('guest', '--beats', '5', '--interval-ms', '0');

  expect(await guest.ended).toMatchObject({ code: 0 });
  const printed = (pattern: RegExp) => processes.logLines.filter((line) => pattern.test(line));
  // It is heard before it is printed.
  await expect.poll(() => printed(/^epoch/)).toEqual([1, 2, 3, 4, 5].map((beat) => `epoch 1 beat ${beat}`));
  expect(printed(/^beat/)).toEqual([1, 2, 3, 4, 5].map((beat) => `beat ${beat} heard`));
});

test('the commands of the README start it by hand', async () => {
  await using readme = await startReadmePrograms(new URL('../', import.meta.url));
  const [, , host, guest] = readme.programs;
  expect(await guest?.closed).toEqual([0, null]);
  expect(guest?.printed()).toContain('beat 3 heard\n');
  await expect.poll(() => host?.printed()).toContain('epoch 1 beat 3\n');
});
