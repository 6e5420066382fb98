// A guest process that claims an area, writes all of it, and waits to be killed. It inherits the write end of a plain
// pipe beside it: when that end goes is the kernel's part of its death.
import { once } from 'node:events';
import { duplicateFd, fill, OwnedFd } from '@vsoc/native';
import { runMain, runPaths } from '@vsoc/process';
import { openGuest } from '@vsoc/vsoc/guest';
import { areaBytes, benchManager, benchMemory } from '../bench-region.js';
import { firstInheritedFd, readPeerArgv } from './argv.js';

/**
 * The kernel lets go of a dead process's descriptors from the highest number down: the pipe's write end is moved above
 * the token, so that its hang-up comes just before the token's.
 */
function movePipeAbove(tokenFd: number): OwnedFd {
  const inherited = OwnedFd.own(firstInheritedFd, 'pipe of the bench');
  let moved = inherited;
  for (const lower = [inherited]; moved.fd < tokenFd; lower.push(moved)) {
    moved = duplicateFd(inherited.fd);
    if (moved.fd > tokenFd) for (const fd of lower) fd[Symbol.dispose]();
  }
  return moved;
}

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
  using _pipe = movePipeAbove(lease.token.fd);
  ready();
  await once(signal, 'abort');
});
