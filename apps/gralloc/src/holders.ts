// Who holds what, whatever owner words say: any guest process can write 0 into one, or a row that never was. guest-driver
// knows, and what it answers to a claim tells: it looks at its own record of permissions before it looks at the word.
import { VsocError } from '@vsoc/vsoc';
import type { Claim, Description, GuestRegion } from '@vsoc/vsoc/guest';
import { pageBytes } from '@vsoc/vsoc/layout';
import { type Area, freeRuns, sizeOf } from './areas.js';
import type { grallocManager } from './layout.js';
import type { BufferTable, TableRow } from './table.js';

/**
 * The new permission's description, or why there is none. 'contended': a live permission has this entry and exactly this
 * area, or nobody has either and the owner word is not FREE. 'conflict': one has the entry, or some of the area.
 */
export type ClaimAnswer = Description | 'contended' | 'conflict';

/** An entry, and the area that it is to have. */
export interface Place {
  readonly entry: number;
  readonly area: Area;
}

export interface Holders {
  claim(claim: Claim): Promise<ClaimAnswer>;
  /** Forgets those rows of a predecessor that somebody else wrote. */
  confirmAll(): Promise<void>;
  /** A claim of this place was lost: hides who holds it. False where it is nobody that the table has known. */
  findHolder(place: Place): Promise<boolean>;
  /** Whether somebody who was hidden has let go meanwhile; asks no more than every 100 ms. */
  lookAgain(): Promise<boolean>;
}

export interface HoldersParts {
  readonly manager: GuestRegion<typeof grallocManager>;
  readonly memory: Description;
  readonly space: Area;
  readonly table: BufferTable;
}

/** guest-driver zeroes an area before it is free: 30 µs a MiB. */
const releaseNs = 1_000_000_000n;
/** Who writes 0 into many owner words must not keep the allocator asking. */
const lookAgainMs = 100;

export function openHolders({ manager, memory, space, table }: HoldersParts): Holders {
  let lookedMs = Number.NEGATIVE_INFINITY;

  async function claim(claimed: Claim): Promise<ClaimAnswer> {
    try {
      return await manager.description.openClaimed(memory, claimed);
    } catch (error) {
      if (error instanceof VsocError && error.code === 'EBUSY') return 'conflict';
      throw error;
    }
  }

  /** Claims only to hear the answer: what is granted is free again afterwards, and nobody's. */
  async function ask(entry: number, area: Area): Promise<'granted' | 'contended' | 'conflict'> {
    const asked = table.claimOf(entry, area);
    const answer = await claim(asked);
    if (typeof answer === 'string') return answer;
    answer[Symbol.dispose]();
    const deadlineNs = process.hrtime.bigint() + releaseNs;
    await manager.waitWhile(manager.data.entries.at(entry).owner, asked.ownedValue, { deadlineNs });
    table.forget(entry);
    return 'granted';
  }

  /** Asked with a page that nobody else had: that one is refused only for the entry's sake. */
  async function isHeld({ entry, area }: TableRow): Promise<boolean> {
    const page = sizeOf(area) > 0 ? firstPageOf(area) : lastFreePage();
    return page === undefined || (await ask(entry, page)) !== 'granted';
  }

  function lastFreePage(): Area | undefined {
    const taken = table.live().map(({ area }) => area);
    const endOffset = freeRuns(space, taken).at(-1)?.endOffset;
    return endOffset === undefined ? undefined : { beginOffset: endOffset - pageBytes, endOffset };
  }

  /**
   * Somebody has this entry and exactly this area. Asked for them, 'contended' may also mean that nobody has either; asked
   * for the entry with another area that overlaps, only who has them is in conflict. Of a single page that other area
   * reaches into a neighbour: a lie of one page beside a live buffer passes for true.
   */
  async function confirms({ entry, area }: TableRow): Promise<boolean> {
    if ((await ask(entry, area)) !== 'contended') return false;
    return (
      (await ask(entry, sizeOf(area) > pageBytes ? firstPageOf(area) : twoPagesWith(area))) === 'conflict'
    );
  }

  function twoPagesWith({ beginOffset, endOffset }: Area): Area {
    if (endOffset < space.endOffset) return { beginOffset, endOffset: endOffset + pageBytes };
    return { beginOffset: beginOffset - pageBytes, endOffset };
  }

  return {
    claim,
    async confirmAll() {
      for (const row of table.live().filter(({ area }) => sizeOf(area) > 0))
        if (!(await confirms(row))) table.forget(row.entry);
    },
    async findHolder({ entry, area }) {
      const last = table.row(entry);
      const known = sizeOf(last.area) > 0 ? [last] : [];
      for (const row of [...known, ...table.lastTenantsOf(area)]) {
        if (!(await isHeld(row))) continue;
        table.hide(row.entry);
        return true;
      }
      // The entry is as likely as the area: neither is tried again for this buffer.
      if (known.length === 0) table.hide(entry);
      return false;
    },
    async lookAgain() {
      const hidden = table.hidden();
      if (hidden.length === 0 || performance.now() < lookedMs + lookAgainMs) return false;
      lookedMs = performance.now();
      let hasChanged = false;
      for (const row of hidden) if (!(await isHeld(row))) hasChanged = true;
      return hasChanged;
    },
  };
}

const firstPageOf = ({ beginOffset }: Area): Area => ({ beginOffset, endOffset: beginOffset + pageBytes });
