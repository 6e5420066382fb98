/** `stats` beside real holders: it names their buffers, sees them come and go, draws a PNG, and answers bad arguments. */
import { execFile } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { pixelFormat } from '@vsoc/gralloc/formats';
import { guardLeaks, sharedByTests } from '@vsoc/testkit/hooks';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { startHolder } from './holder.js';
import { allocated, freedAfterEachTest, openClient, openManager, picture, startGuest } from './run.js';

const program = fileURLToPath(new URL('../dist/bin/stats.js', import.meta.url));

const guest = sharedByTests(startGuest);
freedAfterEachTest(guest);
guardLeaks();

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

function stats(...args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(process.execPath, [program, ...args], (error, out, err) => {
      resolve({ code: error ? Number(error.code) : 0, out, err });
    });
  });
}

const ofRun = (...args: readonly string[]) => stats('--run-dir', guest.paths.runDir, ...args);

type Row = Readonly<Record<string, string>>;

/** The tables of an output, each row by its column's head. */
function tablesOf(out: string): Row[][] {
  const tables: Row[][] = [];
  let heads: string[] | undefined;
  for (const line of out.split('\n')) {
    const cells = line.split('│').slice(1, -1);
    if (line.startsWith('┌')) heads = undefined;
    if (cells.length === 0) continue;
    const texts = cells.map((cell) => cell.trim());
    if (heads) tables.at(-1)?.push(Object.fromEntries(heads.map((head, at) => [head, texts[at] ?? ''])));
    else tables.push([]);
    heads ??= texts;
  }
  return tables;
}

test('the table names the buffers that somebody holds, and who asked for them', async () => {
  using client = await openClient(guest);
  using one = await allocated(client.gralloc);
  using two = await allocated(client.gralloc, { ...picture, format: pixelFormat.yv12, widthPx: 128 });
  one.acquire.advance();
  one.acquire.advance();
  one.release.advance();
  const { code, out, err } = await ofRun();
  expect([code, err]).toEqual([0, '']);
  expect(out).toMatch(/^used +8 KiB \(0 %\) in 2 buffers\nfree +2\.0 MiB \(100 %\) in 1 run\n/);
  const [buffers] = tablesOf(out);
  const mine = { 'asked by': `${process.pid}`, alive: 'yes', usage: 'cpu read, cpu write, host read' };
  const nameOf = ({ reference }: typeof one) => `${reference.entry}·${reference.generation}`;
  const sound = { ...mine, begin: expect.stringMatching(/^0x[0-9a-f]+$/), bytes: '4096' };
  expect(buffers).toEqual([
    {
      ...sound,
      buffer: nameOf(one),
      format: 'RGBA_8888',
      size: '64×16',
      drawn: '2',
      'looked at': '1',
      age: expect.any(String),
    },
    {
      ...sound,
      buffer: nameOf(two),
      format: 'YV12',
      size: '128×16',
      drawn: '0',
      'looked at': '0',
      age: expect.any(String),
    },
  ]);
  expect(buffers?.every(({ age }) => /^\d+ ms$|^\d+\.\d s$/.test(age ?? ''))).toBe(true);
});

test('after its last holder is killed a buffer is gone from the table and the figures', async () => {
  using client = await openClient(guest);
  using manager = await openManager(client);
  using holder = await startHolder(guest);
  const buffer = await allocated(client.gralloc);
  await holder.give(buffer.reference, buffer.token);
  buffer[Symbol.dispose]();
  expect((await ofRun()).out).toContain('in 1 buffer\n');
  holder.child.kill('SIGKILL');
  await holder.child.ended;
  await expect.poll(manager.live).toBe(0);
  const { out } = await ofRun();
  expect(out).toContain('in 0 buffers\n');
  expect(tablesOf(out)).toEqual([]);
});

test('a buffer whose asker is dead is told so, as long as somebody else holds it', async () => {
  const { processes } = guest;
  const start = (name: string, ...args: string[]) =>
    processes.start({ name, program: `apps/gralloc/dist/bin/${name}.js`, args });
  const importer = await start('importer', '--hold-ms', '60000');
  const asker = await start('guest', '--buffers', '1');
  await expect.poll(() => processes.logLines.join('\n')).toContain('imported buffer');
  asker.kill('SIGKILL');
  await asker.ended;
  const [buffers] = tablesOf((await ofRun()).out);
  expect(buffers).toMatchObject([{ 'asked by': `${asker.pid}`, alive: 'NO' }]);
  await importer.stop();
});

test('a watch tells what lived, how long, and who is still there', async () => {
  using client = await openClient(guest);
  using _kept = await allocated(client.gralloc);
  const watching = ofRun('--watch', '2', '--png', guest.file('lives.png'));
  let isOver = false;
  void watching.then(() => {
    isOver = true;
  });
  // Buffers come and go for as long as the watch lasts, so that some fall into it whenever it began.
  let freed = 0;
  while (!isOver) {
    using _brief = await allocated(client.gralloc);
    await new Promise((resolve) => setTimeout(resolve, 100));
    freed++;
  }
  const { out, code } = await watching;
  expect(code).toBe(0);
  const lives = tablesOf(out).at(-1) ?? [];
  const ended = lives.filter((life) => life['still there'] === 'no');
  expect(ended.length).toBeGreaterThan(0);
  expect(ended.length).toBeLessThanOrEqual(freed);
  for (const { lived = '' } of ended)
    expect(Number.parseInt(lived, 10)).toBeGreaterThanOrEqual(lived.endsWith('ms') ? 80 : 1);
  expect(lives.filter((life) => life['still there'] === 'yes').length).toBeGreaterThan(0);
  expect(out).toMatch(/watched [0-9.]+ s, \d+ looks: \d+ buffers lived, [12] still there/);
  const { height = 0 } = await sharp(readFileSync(guest.file('lives.png'))).metadata();
  expect(height).toBeGreaterThan(1200);
});

test('the PNG is one, of the size that is told, in place of whatever the file was', async () => {
  using client = await openClient(guest);
  using _buffer = await allocated(client.gralloc);
  const file = guest.file('memory.png');
  writeFileSync(file, new Uint8Array(1 << 20));
  const { out } = await ofRun('--png', file);
  const { format, width, height } = await sharp(readFileSync(file)).metadata();
  expect(format).toBe('png');
  expect(out).toContain(`${file}: ${width}×${height} px, ${statSync(file).size} B`);
  expect(width).toBe(1440);
});

test.each([
  [['--watch', 'soon'], '--watch soon: expected seconds, more than 0 and at most 3600'],
  [['--watch', '0'], '--watch 0: expected seconds, more than 0 and at most 3600'],
  [['--watch', '1e9'], '--watch 1e9: expected seconds'],
  [['--png', '/nowhere/at/all.png'], '--png /nowhere/at/all.png: nothing can be written there (ENOENT)'],
  [['--png', '/tmp', '--watch', '3600'], '--png /tmp: nothing can be written there (EISDIR)'],
  [['--jpeg', 'x'], "Unknown option '--jpeg'"],
  [['more'], "Unexpected argument 'more'"],
  [['--run-dir', '/nowhere'], '--run-dir /nowhere: no guest driver runs there'],
])('%j is answered with what is wrong', async (args, text) => {
  const { code, out, err } = await ofRun(...args);
  expect([code, out]).toEqual([1, '']);
  expect(err.split('\n')[0]).toContain(text);
});
