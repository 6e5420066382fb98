// A test file, made runnable by Node itself: a half's process imports the file that describes the HAL, and Node 20 reads
// no TypeScript. The copy lies in the project's test-results, from where its imports find the same packages, built.

import { execFileSync } from 'node:child_process';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const compiler = fileURLToPath(new URL('../../../../node_modules/.bin/tsc', import.meta.url));

/** Takes the types out, no more; what is JavaScript already is returned as it is. */
export function compileForNode(moduleUrl: string): string {
  if (!moduleUrl.endsWith('.ts')) return moduleUrl;
  const source = fileURLToPath(moduleUrl);
  const folder = join(dirname(source), '../test-results/conformance');
  const compiled = join(folder, basename(source).replace(/\.ts$/, '.js'));
  const asItIs = ['--ignoreConfig', '--noCheck', '--noResolve', '--skipLibCheck'];
  const target = ['--target', 'es2022', '--module', 'nodenext'];
  const folders = ['--rootDir', dirname(source), '--outDir', folder];
  execFileSync(compiler, [...asItIs, ...target, ...folders, source]);
  return pathToFileURL(compiled).href;
}
