// `npm run doctor`: what this machine has, what it lacks, and the line that mends it. Exit code 0 when the main job (demo,
// npm test) can run, whatever else is missing.
import { root } from '../workspace.mjs';
import { checksOf } from './checks.mjs';
import { findingLine, verdict } from './report.mjs';

const results = [];
for (const { name, job, look } of checksOf(root, process.env)) {
  const finding = await Promise.resolve()
    .then(look)
    .catch((error) => ({ ok: false, seen: error.message }));
  results.push({ name, job, ...finding });
  console.log(findingLine(results.at(-1)));
}
const { text, exitCode } = verdict(results);
console.log(`\n${text}`);
process.exitCode = exitCode;
