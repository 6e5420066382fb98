// What the allocator finds around it, in one process: the table, and guest-driver's own record of permissions behind it.
import { VsocError } from '@vsoc/vsoc';
import type { Claim, GuestDevice } from '@vsoc/vsoc/guest';
import { findRegion, pageBytes, planWindow, type RegionDefinition, system } from '@vsoc/vsoc/layout';
import { createPermissionRecord } from '@vsoc/vsoc/permissions';
import { type AllocatorOptions, openAllocator } from '../allocator.js';
import { entryCount, grallocManager, grallocMemory } from '../layout.js';

export const spacePages = 512;

export type PermissionWorld = ReturnType<typeof openWorld>;

export function openWorld() {
  const tailBytes = { gralloc_memory: spacePages * pageBytes };
  const layout = planWindow([system, grallocManager, grallocMemory], { tailBytes });
  const manager = findRegion(layout, grallocManager.name);
  const managed = findRegion(layout, grallocMemory.name);
  const buffer = new SharedArrayBuffer(manager.endOffset - manager.beginOffset);
  const words = new Int32Array(buffer);
  const data = grallocManager.data.over({ words, view: new DataView(buffer) }, manager.dataOffset);
  const record = createPermissionRecord(() => words);
  let claims = 0;

  function claim(claimed: Claim): Disposable | 'contended' {
    claims++;
    try {
      const permission = record.grant(claimed, manager, managed);
      return { [Symbol.dispose]: () => void record.release(permission) };
    } catch (error) {
      if (error instanceof VsocError && error.code === 'EAGAIN') return 'contended';
      throw error;
    }
  }

  const nothing = { [Symbol.dispose]() {} };
  const device = {
    epoch: 1,
    open: async (_definition: RegionDefinition) => ({
      ...nothing,
      data,
      description: { openClaimed: async (_witness: unknown, claimed: Claim) => claim(claimed) },
      waitWhile: async () => 'changed',
    }),
    openManaged: async () => ({
      ...nothing,
      describe: async () => ({
        offsetOfRegionData: managed.dataOffset,
        regionBeginOffset: managed.beginOffset,
        regionEndOffset: managed.endOffset,
      }),
    }),
  };
  const space = { beginOffset: managed.dataOffset, endOffset: managed.endOffset - managed.beginOffset };
  return {
    entry: (index: number) => data.entries.at(index),
    live: record.live,
    space,
    claim,
    claims: () => claims,
    open: (options: AllocatorOptions = {}) =>
      openAllocator(device as unknown as GuestDevice, {
        budgetBuffers: entryCount,
        budgetBytes: spacePages * pageBytes,
        ...options,
      }),
    /** Reserved bytes of the last row: an owner word of whoever claims past the allocator. */
    strangersWord: manager.dataOffset + grallocManager.data.size - 4,
  };
}
