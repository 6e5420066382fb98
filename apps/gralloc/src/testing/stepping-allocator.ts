// stepping-allocator --run-dir DIR --until STEP: the real allocator over a device that kills this process at a step of its
// first allocation. The steps are those between which something else is true of the area and of who holds it.
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { runMain, runPaths } from '@vsoc/process';
import { type Description, type GuestDevice, type GuestRegion, openGuest } from '@vsoc/vsoc/guest';
import { type RegionDefinition, regionFree } from '@vsoc/vsoc/layout';
import { openAllocator } from '../allocator.js';
import { serveAllocator } from '../service.js';
import { allocatorSocketOf } from '../sockets.js';
import type { ManagerData } from '../table.js';

const steps = [
  'the claim is sent',
  'the claim is granted',
  'the row is written',
  'the answer is sent',
  'its own copy is closed',
] as const;

export type AllocatorStep = (typeof steps)[number];

/** `device`, but that this process is killed at `until`, before the next thing happens. */
function openDying(device: GuestDevice, until: string | undefined): GuestDevice {
  const reach = (step: AllocatorStep) => {
    if (step === until) process.kill(process.pid, 'SIGKILL');
  };

  const overManager = <D extends RegionDefinition>(region: GuestRegion<D>): GuestRegion<D> => ({
    ...region,
    description: {
      ...region.description,
      async openClaimed(witness, claim) {
        // Else it only asks who holds a predecessor's row.
        const { entries } = region.data as unknown as ManagerData;
        const entry = [...entries].find(({ owner }) => owner.offset === claim.ownerOffset);
        const isAllocating = entry?.owner.load() === regionFree;
        // Sent by the time that there is a promise of its answer.
        const answer = region.description.openClaimed(witness, claim);
        if (isAllocating) reach('the claim is sent');
        const outcome = await answer;
        if (outcome === 'contended') return outcome;
        reach('the claim is granted');
        return overGranted(outcome);
      },
    },
  });

  const overGranted = (description: Description): Description => ({
    ...description,
    get token() {
      reach('the row is written');
      return description.token;
    },
    [Symbol.dispose]() {
      reach('the answer is sent');
      description[Symbol.dispose]();
      reach('its own copy is closed');
    },
  });

  return {
    ...device,
    open: async (definition, options) => overManager(await device.open(definition, options)),
  };
}

runMain('stepping-allocator', async ({ signal, ready }) => {
  const { values } = parseArgs({
    options: { 'run-dir': { type: 'string', default: '.' }, until: { type: 'string' } },
  });
  if (!steps.some((step) => step === values.until)) throw new Error(`no step is called ${values.until}`);
  const paths = runPaths(values['run-dir']);
  using device = await openGuest({ deviceDirectory: paths.deviceDir });
  using allocator = await openAllocator(openDying(device, values.until));
  using _service = serveAllocator(allocatorSocketOf(paths), allocator);
  ready();
  if (!signal.aborted) await once(signal, 'abort');
});
