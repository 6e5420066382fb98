// How the guest driver reaches window and doorbells. Everything else of the driver is the same on every bus.
import type { OwnedFd, WindowMapping } from '@vsoc/native';
import type { WindowLayout } from '@vsoc/vsoc/layout';
import type { Doorbell } from '@vsoc/vsoc/wire';

export interface GuestBus extends Disposable {
  readonly kind: 'embedded' | 'pci';
  /** What processes get at open, to map for themselves. */
  readonly window: OwnedFd;
  /** Where the window begins in that descriptor. */
  readonly windowOffsetBytes: number;
  readonly mapping: WindowMapping;
  /** From a private copy of the window's first page. */
  readonly layout: WindowLayout;
  /** By region index: ringing one interrupts the host. Processes get it at open, so that ringing waits on nobody. */
  readonly hostDoorbells: readonly Doorbell[];
  /** By region index: readable when the host has rung. */
  readonly vectors: readonly OwnedFd[];
  /** Aborted when the bus is gone: the machine was taken away. */
  readonly lost: AbortSignal;
}
