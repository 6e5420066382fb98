// `npm run bench -- [--only NAME] [--json FILE] [--rounds N]`: measures ours beside the anchors in one run, prints
// a table and writes the rows. Everything a bench starts ends with it.
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type BenchContext, selectBenches, UnknownBenchError } from '../bench.js';
import { type MeasuredRow, toJsonRow } from '../row.js';
import { benches } from '../suites/index.js';
import { renderNotes, renderTable } from '../table.js';

const usage = 'usage: npm run bench -- [--only NAME] [--json FILE] [--rounds N]';

function readArgv() {
  const { values } = parseArgs({
    options: { only: { type: 'string' }, json: { type: 'string' }, rounds: { type: 'string', default: '7' } },
  });
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) {
    throw new RangeError(`--rounds is '${values.rounds}': a whole number of at least 1 is expected`);
  }
  return { rounds, chosen: selectBenches(benches, values.only), json: values.json };
}

function argvOrExit() {
  try {
    return readArgv();
  } catch (error) {
    const unknown = error instanceof UnknownBenchError;
    process.stderr.write(`bench: ${(error as Error).message}\n${unknown ? '' : `${usage}\n`}`);
    process.exit(2);
  }
}

const { rounds, chosen, json } = argvOrExit();
const aborter = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => aborter.abort(new Error(name)));

const say = (text: string) => void process.stderr.write(`${text}\n`);
const context: BenchContext = { signal: aborter.signal, rounds, say };
const rows: MeasuredRow[] = [];
for (const { name, run } of chosen) {
  say(`bench: ${name} …`);
  try {
    rows.push(...(await run(context)));
  } catch (error) {
    if (aborter.signal.aborted) break;
    // One broken bench does not cost the others their figures, but the run is a failure.
    say(`bench: ${name} failed: ${(error as Error).stack ?? error}`);
    process.exitCode = 1;
  }
}
if (rows.length > 0) process.stdout.write(`${renderTable(rows)}\n${renderNotes(rows)}\n`);
if (json !== undefined)
  writeFileSync(relativeToCaller(json), `${JSON.stringify(rows.map(toJsonRow), null, 2)}\n`);
if (aborter.signal.aborted) process.exitCode = 130;

/** npm runs scripts in the root; a relative file is meant from where the person typed. */
function relativeToCaller(file: string): string {
  return resolve(process.env.INIT_CWD ?? process.cwd(), file);
}
