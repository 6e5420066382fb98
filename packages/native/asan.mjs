// Runs this package's tests on a build with AddressSanitizer and UndefinedBehaviorSanitizer. Node itself is
// not instrumented, so the sanitizer's library is preloaded; leaks are not looked for, since V8 keeps its own.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(fileURLToPath(import.meta.url));

function run(program, args, env = {}) {
  const options = { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } };
  const { status, error } = spawnSync(program, args, options);
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

run(process.execPath, ['build.mjs', '--sanitize']);
const library = spawnSync('gcc', ['-print-file-name=libasan.so'], { encoding: 'utf8' }).stdout.trim();
const vitest = join(root, '../../node_modules/vitest/vitest.mjs');
const config = join(root, '../../vitest.config.ts');
const args = ['run', '--config', config, '--root', '.', '--dir', 'src', ...process.argv.slice(2)];
run(process.execPath, [vitest, ...args], {
  LD_PRELOAD: library,
  ASAN_OPTIONS: 'detect_leaks=0:halt_on_error=1:detect_stack_use_after_return=1',
  UBSAN_OPTIONS: 'print_stacktrace=1:halt_on_error=1',
  VSOC_NATIVE_ADDON: join(root, 'build/asan/vsoc_native.node'),
});
