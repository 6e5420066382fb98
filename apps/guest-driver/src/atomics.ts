// Whether this machine's locked instructions are atomic against the host's: an emulator may carry them out in several
// steps that only its own processors do not see between. Then every word that both sides change would lose updates, one
// in thousands, so the guest does not begin. Guest and server add to one word at the same time; the sum tells.
import { RegionMemory } from '@vsoc/vsoc';
import { system, type WindowLayout } from '@vsoc/vsoc/layout';
import { post, signalTable } from '@vsoc/vsoc/signalling';

/** The server's share takes it at most two seconds; a busy machine may let it wait. */
const answerTimeoutMs = 10_000;
/** Between two looks at the answer and at the clock. */
const burst = 10_000;
/** Before it asks, so that the loop has been compiled when the server adds too. */
const warmUpBursts = 50;

/**
 * Throws where updates were lost, naming the options of QEMU that mend it, and where the server takes no part. It
 * spins, for as long as the server adds: only so do the two meet.
 */
export function checkAtomics(
  layout: WindowLayout,
  window: SharedArrayBuffer,
  ringHost: (regionIndex: number) => void,
): void {
  const region = layout.regions.find(({ name }) => name === system.name);
  if (!region) throw new Error(`the window has no region ${system.name}`);
  using memory = new RegionMemory(region.name, window, region.beginOffset, region.endOffset);
  const words = system.data.over(memory, region.dataOffset);
  const index = words.atomicsSum.offset >>> 2;
  for (let count = 0; count < warmUpBursts; count++) addOnes(memory.words, index, burst);
  const test = (words.atomicsAnswered.load() + 1) >>> 0;
  words.atomicsSum.store(0);
  words.atomicsAdded.store(0);
  // SYNC POINT atomics-asked (release side). Pairs with the server's atomics partner.
  words.atomicsAsked.store(test);
  post(signalTable(memory, region.guestToHost, memory.sizeBytes), words.atomicsAsked.offset);
  // Whatever the interrupt word was: a predecessor may have died between it and the doorbell.
  ringHost(region.index);

  let additions = 0;
  let meetings = 0;
  const deadlineMs = performance.now() + answerTimeoutMs;
  // SYNC POINT atomics-answered (acquire side). Pairs with the server's atomics partner.
  while (words.atomicsAnswered.load() !== test) {
    const before = words.atomicsSum.load();
    addOnes(memory.words, index, burst);
    meetings += (words.atomicsSum.load() - before - burst) >>> 0;
    additions += burst;
    if (performance.now() > deadlineMs) {
      throw new Error(`the ivshmem server took no part in the test of atomicity for ${answerTimeoutMs} ms`);
    }
  }
  const added = words.atomicsAdded.load();
  const expected = (additions + added) >>> 0;
  const lost = (expected - words.atomicsSum.load()) | 0;
  if (lost !== 0) throw new Error(`${lost} of ${expected} additions by guest and host were lost: ${mend}`);
  if (meetings === 0) {
    throw new Error(`the test of atomicity says nothing: guest (${additions}) and host (${added}) never met`);
  }
}

/** Nothing but the additions, as fast as they go: the closer they follow one another, the more they meet. */
function addOnes(words: Int32Array, index: number, count: number): void {
  for (let done = 0; done < count; done++) Atomics.add(words, index, 1);
}

const mend =
  "this machine's locked instructions are not atomic against the host; QEMU wants -accel tcg,thread=multi and " +
  '-smp 1,maxcpus=2 or more processors';
