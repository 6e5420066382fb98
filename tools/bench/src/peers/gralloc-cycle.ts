// A guest process that allocates, fills and frees one buffer after the other; allocating includes the mapping. What is
// measured is the whole of it or one part, as in c/memfd.c. What a refused allocation waits for does not count. Areas are
// used again and again, so their pages are in place; `first` keeps what it measures, and each of those buffers is
// memory that this process never touched before.
import { fill } from '@vsoc/native';
import { runMain } from '@vsoc/process';
import { openGrallocClient } from '../gralloc-client.js';
import { createStopwatch } from '../stopwatch.js';
import { readPeerArgv } from './argv.js';

type Mark = 'asked' | 'mapped' | 'filled' | 'freed';

interface Part {
  readonly from: Mark;
  readonly to: Mark;
  readonly keep?: true;
}

const parts: Readonly<Record<string, Part>> = {
  cycle: { from: 'asked', to: 'freed' },
  first: { from: 'asked', to: 'filled', keep: true },
  allocate: { from: 'asked', to: 'mapped' },
  fill: { from: 'mapped', to: 'filled' },
  free: { from: 'filled', to: 'freed' },
};

runMain('bench-gralloc-cycle', async ({ report }) => {
  const { size, words } = readPeerArgv();
  const [runDir = '.', sizeBytes, partName = ''] = words;
  const part = parts[partName];
  if (!part) throw new RangeError(`a part of ${Object.keys(parts).join(', ')} expected, seen '${partName}'`);
  using client = await openGrallocClient(runDir);
  const stopwatch = createStopwatch(size);
  for (let trip = 0; trip < size.trips + size.warmUp; trip++) {
    const at = (mark: Mark) => {
      if (mark === part.to) stopwatch.stop(trip);
      else if (mark === part.from) stopwatch.start();
    };
    const buffer = await client.allocate(Number(sizeBytes), () => at('asked'));
    at('mapped');
    fill(buffer.bytes, 0xa5);
    at('filled');
    if (part.keep && trip >= size.warmUp) continue; // until this process is killed
    buffer[Symbol.dispose]();
    at('freed');
  }
  report({ ...stopwatch.figures(), refusals: client.refusals });
});
