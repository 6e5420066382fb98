// For tests: the writer of a record in a process of its own, without a rest but for a moment in which a reader can get
// it whole; descriptor 3 is the memory.
import { mapWindow } from '@vsoc/native';
import { writeRecord } from '../seqlock.js';
import { fillRecord, record, recordBytes } from './record.js';

using mapping = mapWindow(3, recordBytes);
const memory = { words: new Int32Array(mapping.buffer), view: new DataView(mapping.buffer) };
const view = record.over(memory, 0);
const momentNs = 20_000n;
for (let number = 1; view.stop.load() === 0; number++) {
  writeRecord(view.sequence, () => fillRecord(view, number));
  const untilNs = process.hrtime.bigint() + momentNs;
  while (process.hrtime.bigint() < untilNs) {
    /* the reader's moment */
  }
}
