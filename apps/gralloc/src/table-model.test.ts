/** The table under random allocations, frees and restarts, against a model of what it ought to be. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { entryCount, grallocManager } from './layout.js';
import { openTable, type Tenant } from './table.js';
import { dataOffset, entryBytes, openMemory, space, tenantOf } from './testing/table-memory.js';

/** What one row ought to be. */
interface ModelRow {
  /** As it stands in the table. */
  generation: number;
  /** The last one that was claimed. */
  claimed: number;
  tenant?: Tenant;
  isLive: boolean;
}

test('whatever happens, live rows, free entries and generations are those of a model; successors take over', () => {
  const command = fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('enter'), at: fc.nat(9), pid: fc.nat(3) }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('free'), at: fc.nat(9), pid: fc.constant(0) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('lose'), at: fc.nat(9), pid: fc.nat(3) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart'), at: fc.nat(9), pid: fc.constant(0) }) },
  );
  const begin = fc.array(fc.constantFrom(0, 1, 0xffff_fffd, 0xffff_ffff), { minLength: 10, maxLength: 10 });

  function run(
    generations: readonly number[],
    commands: readonly { kind: string; at: number; pid: number }[],
  ) {
    const data = grallocManager.data.over(openMemory(), dataOffset);
    const ownerOf = (entry: number) => data.entries.at(entry).owner;
    // Ten entries are enough to play with; the others are somebody's.
    for (const [index, { owner }] of [...data.entries].entries()) owner.store(index < 10 ? 0 : 1);
    for (const [index, value] of generations.entries()) data.entries.at(index).generation.store(value);
    let table = openTable(data, space);
    const model: ModelRow[] = generations.map((generation) => ({
      generation,
      claimed: generation,
      isLive: false,
    }));

    for (const [step, { kind, at, pid }] of commands.entries()) {
      const free = model.flatMap(({ isLive }, entry) => (isLive ? [] : [entry]));
      expect(table.firstFree()).toBe(free[0]);
      const [entry] = free;
      const row = entry === undefined ? undefined : model[entry];
      if ((kind === 'enter' || kind === 'lose') && entry !== undefined && row) {
        const tenant = tenantOf(step + 1, 100 + pid);
        row.claimed = row.claimed === 0xffff_ffff ? 1 : row.claimed + 1;
        const ownerOffset = dataOffset + entry * entryBytes;
        const claim = { ...tenant.area, ownerOffset, ownedValue: row.claimed };
        expect(table.claimOf(entry, tenant.area)).toEqual(claim);
        row.isLive = kind === 'enter';
        if (row.isLive) {
          row.tenant = tenant;
          row.generation = row.claimed;
          ownerOf(entry).store(row.claimed);
          table.enter(entry, claim, tenant);
        }
      }
      if (kind === 'free' && model[at]?.isLive) {
        ownerOf(at).store(0);
        model[at].isLive = false;
      }
      if (kind === 'restart') {
        table = openTable(data, space);
        // What was claimed in vain stands nowhere; nobody ever heard of it either.
        for (const one of model) one.claimed = one.generation;
      }
      const living = model.flatMap(({ tenant, isLive }, live) =>
        tenant && isLive ? [{ entry: live, area: tenant.area, clientPid: tenant.clientPid }] : [],
      );
      expect(table.live().slice(0, -(entryCount - 10))).toEqual(living);
    }
  }

  const property = fc.property(begin, fc.array(command, { maxLength: 40 }), run);
  fc.assert(property, { numRuns: 150 });
});
