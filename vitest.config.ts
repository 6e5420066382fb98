import { defineConfig } from 'vitest/config';

// One configuration for every project: sources run as they are (condition "source"), each test file in a
// process of its own, since most of them hold descriptors and mappings. All times are watchdogs: how long something
// takes on a loaded machine is no reason to be red. What a test waits for by itself ends before the test does, so that
// it is named.
export default defineConfig({
  resolve: { conditions: ['source'] },
  ssr: { resolve: { conditions: ['source'] } },
  test: {
    pool: 'forks',
    fileParallelism: true,
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    teardownTimeout: 60_000,
    expect: { poll: { timeout: 60_000 } },
  },
});
