// An open file description of the guest driver: what a token stands for.
import type { Permission } from '../permissions/index.js';
import type { DriverRegion } from './region.js';
import type { Pending } from './wait.js';

export interface Description {
  readonly region: DriverRegion;
  /** Who opened it. Who else holds the token is unknown: tokens travel. */
  readonly creatorPid: number;
  /** At most one, for the whole of the description's life. */
  permission: Permission | undefined;
  /** The file position that read, write and lseek share. */
  position: number;
  /** Requests that sleep on it; its close ends them. */
  readonly sleeping: Set<Pending>;
}
