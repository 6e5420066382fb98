// `npm run new-hal -- NAME [--like HAL]`: copies a living HAL under a new name. Exit code 1 with the reasons, and nothing
// written, for a name that cannot be.
import { parseArgs } from 'node:util';
import { defaultLike, finish, nextSteps, planHal, writeFiles } from './write-hal.mjs';

function readArguments() {
  const options = { like: { type: 'string', default: defaultLike } };
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  if (positionals.length !== 1) throw new Error(`expected one name, saw ${positionals.length}`);
  return { name: positionals[0], like: values.like };
}

function main() {
  const { name, like } = readArguments();
  const { refusals, files } = planHal({ name, like });
  if (refusals.length > 0) throw new Error(refusals.join('\n'));
  writeFiles(files);
  finish(name);
  console.log(nextSteps(name, like));
}

try {
  main();
} catch (error) {
  console.error(`new-hal: ${error.message}\n(npm run new-hal -- NAME --like HAL)`);
  process.exitCode = 1;
}
