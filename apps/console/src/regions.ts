/** The regions of the demo's window. Their order is contract: it decides index, doorbell and vector. */
import { framebuffer } from '@vsoc/framebuffer/layout';
import { grallocManager, grallocMemory } from '@vsoc/gralloc/layout';
import { system } from '@vsoc/vsoc/layout';

export const demoRegions = [system, grallocManager, grallocMemory, framebuffer] as const;
