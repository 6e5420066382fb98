// What the driver counts is said in its log, while it runs.
import { guardLeaks } from '@vsoc/testkit/hooks';
import { expect, test } from 'vitest';
import { claimOf } from '../src/testing/claims.js';
import { areas, keeper } from '../src/testing/regions.js';
import { startWorld, until } from './guest-world.js';

guardLeaks();

test('an owner word that was scribbled over is a warning with its number', async () => {
  await using world = await startWorld();
  using device = await world.openGuest();
  using manager = await device.open(keeper);
  {
    using managed = await device.openManaged(areas);
    expect(await manager.description.claim(managed, await claimOf(manager, managed))).toBe('granted');
    manager.data.owners.at(0).value.store(99);
  }
  const warnings = () => world.processes.logLines.filter((line) => line.includes('scribbledOwners=1'));
  await until(() => warnings().length > 0);
  expect(warnings()[0]).toContain('warn');
});
