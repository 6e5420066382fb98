// A guest process that frees one buffer after the other, each filled, and spins until its owner word reads FREE. The
// clock starts before the buffer is let go of, so a little before the driver's hang-up.
import { grallocManager } from '@vsoc/gralloc/layout';
import { fill } from '@vsoc/native';
import { runMain } from '@vsoc/process';
import { regionFree } from '@vsoc/vsoc/layout';
import { openGrallocClient } from '../gralloc-client.js';
import { createStopwatch } from '../stopwatch.js';
import { readPeerArgv, silenceNs } from './argv.js';

runMain('bench-gralloc-freer', async ({ report }) => {
  const { size, words } = readPeerArgv();
  const [runDir = '.', sizeBytes] = words;
  using client = await openGrallocClient(runDir);
  using manager = await client.device.open(grallocManager);
  const stopwatch = createStopwatch(size);
  for (let trip = 0; trip < size.trips + size.warmUp; trip++) {
    const buffer = await client.allocate(Number(sizeBytes));
    const { owner } = manager.data.entries.at(buffer.reference.entry);
    fill(buffer.bytes, 0xa5);
    const deadlineNs = process.hrtime.bigint() + silenceNs;
    stopwatch.start();
    buffer[Symbol.dispose]();
    while (owner.load() !== regionFree) {
      if (process.hrtime.bigint() > deadlineNs) throw new Error('the area did not become free');
    }
    stopwatch.stop(trip);
  }
  report(stopwatch.figures());
});
