import { defineConfig } from 'vitest/config';

// One configuration for every project: sources run as they are (condition "source"), each test file in a
// process of its own, since most of them hold descriptors and mappings. All times are watchdogs: how long something
// takes on a loaded machine is no reason to be red.
export default defineConfig({
  resolve: { conditions: ['source'] },
  ssr: { resolve: { conditions: ['source'] } },
  test: {
    pool: 'forks',
    fileParallelism: true,
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    expect: { poll: { timeout: 15_000 } },
  },
});
