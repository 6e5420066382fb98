// Which HALs there are, and what is started for one, without starting anything.

import { framebuffer } from '@vsoc/framebuffer/layout';
import { expect, it } from 'vitest';
import { alonePrograms, findHals, loadHal, planAlone } from './only.js';

it('a folder of apps is a HAL when its package says how it runs alone', () => {
  const names = findHals().map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(['framebuffer', 'gralloc', 'heartbeat']));
  expect(names).not.toContain('console');
});

it('the programs of a HAL start one after the other, behind server and guest driver', () => {
  const alone = {
    regions: [framebuffer],
    programs: [
      { name: 'host', what: '', program: 'bin/host.js' },
      { name: 'guest', what: '', program: 'bin/guest.js', args: ['--beats', '1'] },
    ],
  };
  const programs = alonePrograms(alone, '/x/dist/alone.js');
  expect(programs.map(({ name, after }) => [name, ...after])).toEqual([
    ['ivshmem-server'],
    ['guest-driver', 'ivshmem-server'],
    ['host', 'guest-driver'],
    ['guest', 'host'],
  ]);
  expect(programs.at(-1)).toMatchObject({ program: '/x/dist/bin/guest.js', args: ['--beats', '1'] });
  expect(planAlone(alone).regions.map(({ name }) => name)).toEqual(['system', 'framebuffer']);
});

it('an unknown name, or a module of another form, is refused', async () => {
  await expect(loadHal('toaster', [{ name: 'heartbeat', file: '' }])).rejects.toThrow(
    '--only toaster: expected one of heartbeat',
  );
  const file = new URL('./only.ts', import.meta.url).pathname;
  await expect(loadHal('odd', [{ name: 'odd', file }])).rejects.toThrow("expected an export 'alone'");
});
