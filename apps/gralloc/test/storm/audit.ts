/** What the table says of all live buffers at one moment, seen from outside while everybody works on. */
import type { ManagerData } from '../../src/table.js';

/**
 * How many buffers are alive; throws when two that live at the same time share a byte. Between a grant and its row the
 * owner word is not the generation: whose area that is nobody can tell yet.
 */
export function auditTable({ entries }: ManagerData): number {
  const rows = [...entries].map((row, entry) => {
    const owner = row.owner.load();
    const isWritten = row.generation.load() === owner;
    const { beginOffset, endOffset } = row;
    return { entry, row, owner: isWritten ? owner : 0, beginOffset, endOffset };
  });
  // A second look: those that have not changed since the first one were alive together in between.
  const live = rows.filter(({ row, owner }) => owner !== 0 && row.owner.load() === owner);
  live.sort((a, b) => a.beginOffset - b.beginOffset);
  for (const [index, next] of live.entries()) {
    const previous = live[index - 1];
    if (!previous || previous.endOffset <= next.beginOffset) continue;
    const described = [previous, next].map(({ row: _row, ...said }) => said);
    throw new Error(`two live buffers overlap: ${JSON.stringify(described)}`);
  }
  return live.length;
}

/** How many claims have been granted. */
export function claimCount({ entries }: ManagerData): number {
  return [...entries].reduce((total, { generation }) => total + generation.load(), 0);
}
