// Records and rings in shared memory, read as from a hostile peer.
export { readRecord, writeRecord } from './seqlock.js';
