// The buffers that a worker of the storm holds, and the one question that it asks them: is every word still your own?
import type { GraphicsBuffer } from '../buffer.js';
import { entryCount } from '../layout.js';
import type { ManagerData } from '../table.js';
import { type Foreign, findForeign, patternWord, stampFresh } from './pattern.js';

export interface Hoard extends Disposable {
  all(): readonly GraphicsBuffer[];
  /** One that somebody has stamped. */
  add(buffer: GraphicsBuffer): void;
  /** One that was just allocated: it must be all zero, and is stamped. */
  addFresh(buffer: GraphicsBuffer): void;
  /** Throws at the first word that is not the buffer's own, and says whose it looks like. */
  look(buffer: GraphicsBuffer): void;
  /** Looks a last time; arrays that were kept must show nothing from then on. */
  free(buffer: GraphicsBuffer): void;
}

export function createHoard(table: ManagerData): Hoard {
  const held = new Set<GraphicsBuffer>();

  function fail({ reference, bytes }: GraphicsBuffer, text: string): never {
    const row = table.entries.at(reference.entry);
    const { beginOffset, endOffset, clientPid } = row;
    const said = { ...reference, bytes: bytes.byteLength, beginOffset, endOffset, clientPid };
    const now = { owner: row.owner.load(), generation: row.generation.load() };
    throw new Error(`${text}; ${JSON.stringify({ said, now })}`);
  }

  /** Which buffer of this time would have such a word at such a place of its own. */
  function likelyOwners({ seen }: Foreign, endWord: number): string {
    const owners = Array.from({ length: entryCount }, (_, entry) => entry).filter((entry) => {
      const reference = { epoch: 0, entry, generation: table.entries.at(entry).generation.load() };
      for (let at = 0; at < endWord; at++) if (patternWord(reference, at) === seen) return true;
      return false;
    });
    return owners.length > 0 ? `as entry ${owners.join(' or ')} would` : 'as no entry now would';
  }

  function look(buffer: GraphicsBuffer): void {
    const foreign = findForeign(buffer.bytes, buffer.reference);
    if (foreign) fail(buffer, `${foreign.text}, ${likelyOwners(foreign, buffer.bytes.byteLength / 4)}`);
  }

  return {
    all: () => [...held],
    add: (buffer) => void held.add(buffer),
    addFresh(buffer) {
      held.add(buffer);
      try {
        stampFresh(buffer.bytes, buffer.reference);
      } catch (error) {
        fail(buffer, (error as Error).message);
      }
    },
    look,
    free(buffer) {
      look(buffer);
      const kept = buffer.bytes;
      buffer[Symbol.dispose]();
      held.delete(buffer);
      if (kept.byteLength > 0) throw new Error('an array of a freed buffer still shows bytes');
    },
    [Symbol.dispose]() {
      for (const buffer of held) buffer[Symbol.dispose]();
      held.clear();
    },
  };
}
