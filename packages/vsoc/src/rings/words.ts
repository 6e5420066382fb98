/**
 * The words of a ring, one producer and one consumer on opposite sides, for a region's `data` to embed with
 * `nested(ringWords('guest'), …)`; the bytes lie elsewhere, usually in the region's tail. Each side believes its own
 * cursor in private memory: the word here is only its publication, repaired when somebody else wrote to it.
 */
import { atomicU32, pad, struct, type View } from '@vsoc/struct';
import { lineBytes } from '../layout/region.js';

export type RingSide = 'guest' | 'host';

const fromGuest = declare('guest', 'host');
const fromHost = declare('host', 'guest');

/** The words of a ring that `producer` writes into and the other side reads. */
export function ringWords(producer: RingSide): typeof fromGuest {
  return producer === 'guest' ? fromGuest : fromHost;
}

export type RingWords = View<typeof fromGuest>;

/** Seldom written words share a line; each cursor has one alone, wherever the struct lies. */
function declare(producer: RingSide, consumer: RingSide) {
  return struct(`ring_from_${producer}`, `A ring: the ${producer} produces, the ${consumer} consumes.`, {
    generation: atomicU32({ doc: 'raised by each producer that opens; never 0 then' }),
    startCursor: atomicU32({ unit: 'B, free-running', doc: 'where this generation began' }),
    dataWanted: atomicU32({
      unit: 'B',
      signalledBy: producer,
      doc: 'the consumer sleeps until so much can be read; 0: awake, which the producer writes when it wakes it',
    }),
    spaceWanted: atomicU32({
      unit: 'B',
      signalledBy: consumer,
      doc: 'the producer sleeps until so much can be written; 0: awake, which the consumer writes when it wakes it',
    }),
    wordsLine: pad(lineBytes - 16),
    writeCursor: atomicU32({
      unit: 'B, free-running',
      doc: 'advanced by the producer after it copied in',
    }),
    writeLine: pad(lineBytes - 4),
    readCursor: atomicU32({ unit: 'B, free-running', doc: 'advanced by the consumer after it copied out' }),
    readLine: pad(lineBytes - 4),
  });
}
