// How the guest driver reaches window and doorbells. Everything else of the driver is the same on every bus.
import type { OwnedFd } from '@vsoc/native';

export interface GuestBus extends Disposable {
  /** Size checked, sealed. */
  readonly window: OwnedFd;
  readonly windowBytes: number;
  /** By region index: ringing one interrupts the host. Handed to processes at open, so that ringing waits on nobody. */
  readonly hostDoorbells: readonly OwnedFd[];
  /** By region index: readable when the host has rung. */
  readonly vectors: readonly OwnedFd[];
  /** Aborted when the bus is gone: the machine was taken away. */
  readonly lost: AbortSignal;
}
