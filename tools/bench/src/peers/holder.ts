// A guest process that claims an area, writes all of it, and waits to be killed. It inherits the write end of a plain
// pipe beside it: when that end goes is the kernel's part of its death.
import { once } from 'node:events';
import { fill } from '@vsoc/native';
import { runMain, runPaths } from '@vsoc/process';
import { openGuest } from '@vsoc/vsoc/guest';
import { areaBytes, benchManager, benchMemory } from '../bench-region.js';
import { readPeerArgv } from './argv.js';

runMain('bench-holder', async ({ ready, signal }) => {
  const { words } = readPeerArgv();
  const [runDir = '.'] = words;
  using device = await openGuest({ deviceDirectory: runPaths(runDir).deviceDir });
  using manager = await device.open(benchManager);
  using managed = await device.openManaged(benchMemory);
  const { regionEndOffset, regionBeginOffset } = await managed.describe();
  const endOffset = regionEndOffset - regionBeginOffset;
  const outcome = await manager.description.claim(managed, {
    beginOffset: endOffset - areaBytes,
    endOffset,
    ownerOffset: manager.data.owner.offset,
    ownedValue: process.pid,
  });
  if (outcome !== 'granted') throw new Error(`the area was not free: ${outcome}`);
  using lease = await managed.lease();
  fill(lease.bytes, 0xa5);
  ready();
  await once(signal, 'abort');
});
