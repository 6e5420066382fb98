// Requests of mixed sizes and formats: mostly a few pages, now and then what needs a sixteenth of the memory.
import type { SeededRandom } from '@vsoc/testkit';
import type { AllocationRequest } from '../allocator.js';
import { pixelFormat } from '../formats.js';
import { usage } from '../usage.js';

const formats = Object.values(pixelFormat).filter((format) => format !== pixelFormat.blob);
const usages = [
  usage.cpuRead | usage.cpuWrite,
  usage.cpuRead | usage.cpuWrite | usage.hostRead,
  usage.cpuWrite | usage.hostRead,
];
/** Sides of pictures, even ones since some formats want that: the larger the rarer. */
const sidesPx = [16, 16, 32, 32, 48, 64, 64, 96, 130];
const mostBlobBytes = 200_000;

export function randomRequest(random: SeededRandom): AllocationRequest {
  const kind = { usage: random.pick(usages) };
  if (random.below(4) === 0) {
    const widthPx = 1 + random.below(random.below(8) === 0 ? mostBlobBytes : 16_384);
    return { ...kind, format: pixelFormat.blob, widthPx, heightPx: 1 };
  }
  const [widthPx, heightPx] = [random.pick(sidesPx), random.pick(sidesPx)];
  return { ...kind, format: random.pick(formats), widthPx, heightPx };
}
