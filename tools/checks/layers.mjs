// Who may import what. Nothing is allowed by default: a new package, or a new dependency, says so here.
// An entry is a package with all its entry points (`@vsoc/vsoc`), one entry point, or a prefix (`node:`).

const core = ['@vsoc/struct', '@vsoc/vsoc', '@vsoc/native', '@vsoc/process', 'node:'];
const root = ['@vsoc/', 'node:'];

/** What every test may import on top, whatever its layer. */
export const inTests = [...core, '@vsoc/testkit', 'vitest', 'fast-check', 'ws'];

/**
 * The first match counts. With `inside`, relative imports stay in these places, else in the project.
 * @type {{ where: RegExp, may: string[], inside?: string[] }[]}
 */
export const layers = [
  { where: /^packages\/struct\//, may: [] },
  { where: /^packages\/native\//, may: ['node:'] },
  {
    where: /^packages\/vsoc\/src\/layout\//,
    may: ['@vsoc/struct'],
    inside: ['packages/vsoc/src/layout/', 'packages/vsoc/src/errors.ts'],
  },
  { where: /^packages\/vsoc\//, may: ['@vsoc/struct', '@vsoc/native', 'node:'] },
  { where: /^packages\/process\//, may: ['@vsoc/native', 'pino', 'node:'] },
  { where: /^packages\/video-stream\//, may: ['@vsoc/struct', 'sharp', 'ws', 'node:'] },
  { where: /^packages\/testkit\//, may: inTests },
  // The composition roots, the only ones that know several HALs.
  { where: /^apps\/player\//, may: [...root, 'sharp'] },
  { where: /^apps\/console\//, may: [...root, 'ws', 'playwright-core'] },
  { where: /^apps\/demo\//, may: [...root, 'sharp', 'ws'] },
  { where: /^tools\/bench\//, may: [...root, 'cli-table3', 'ringbuf.js'] },
  { where: /^tools\/vm\/test\//, may: root },
  { where: /^tools\/vm\//, may: [...core, '@vsoc/gralloc/sockets'] },
  { where: /^tools\/labs\//, may: core },
  { where: /^tools\/generators\//, may: ['node:'] },
  // HALs, and the two programs that know none.
  {
    where: /^apps\/[^/]+\/src\/layout\.ts$/,
    may: ['@vsoc/struct', '@vsoc/vsoc/layout', '@vsoc/vsoc/rings/words'],
  },
  { where: /^apps\/audio\/src\/wav(\.test)?\.ts$/, may: [...core, '@echogarden/wave-codec'] },
  // Programs that only tests start.
  { where: /^apps\/[^/]+\/src\/testing\//, may: [...core, '@vsoc/testkit'] },
  // What shows the memory of a HAL that hands some out, beside its halves.
  {
    where: /^apps\/[^/]+\/(?:src\/(?:bin\/stats|statistics\/|picture\/)|test\/stats)/,
    may: [...core, 'sharp', 'cli-table3'],
  },
  { where: /^apps\/[^/]+\/src\/bin\//, may: [...core, '@vsoc/video-stream', '@vsoc/audio-stream'] },
  { where: /^apps\//, may: core },
];
