import { defineConfig } from 'vitest/config';

// One configuration for every project: sources run as they are (condition "source"), each test file in a
// process of its own, since most of them hold descriptors and mappings.
export default defineConfig({
  resolve: { conditions: ['source'] },
  ssr: { resolve: { conditions: ['source'] } },
  test: { pool: 'forks', testTimeout: 20_000, hookTimeout: 20_000, fileParallelism: true, maxWorkers: 2 },
});
