// The receiver's part taken over from the guest driver: steps 4 to 6 in a guest process, for a HAL that wants each hint
// itself. From the first wait until the description closes the driver leaves interrupt word and table alone.
import { ioctlNumber } from '../layout/index.js';
import { receive, type SignalTable } from '../signalling/index.js';
import type { Description } from './description.js';

/**
 * Yields the offsets that the host has posted, one set an edge, after their sleepers were woken. A set may be empty:
 * a doorbell without a hint still means that every own waiter looks again. Throws the signal's reason once it fires.
 */
export async function* receiveSignals(
  description: Description,
  incoming: SignalTable,
  { signal, counters }: { signal: AbortSignal; counters: { foreignEntries: number } },
): AsyncGenerator<ReadonlySet<number>> {
  const request = ioctlNumber.waitForIncomingInterrupt;
  const op = 'VSOC_WAIT_FOR_INCOMING_INTERRUPT';
  for (;;) {
    // Step 6: returns at once while the interrupt word is raised, so nothing posted during the scan is missed.
    await description.ioctl({ request, op, signal });
    const hinted = new Set<number>();
    counters.foreignEntries += receive(incoming, (offset) => hinted.add(offset)).foreign;
    for (const offset of hinted) await wake(description, offset);
    yield hinted;
  }
}

async function wake(description: Description, offset: number): Promise<void> {
  await description.ioctl({ request: ioctlNumber.condWake, op: 'VSOC_COND_WAKE', argument: offset });
}
