// The guest driver's semantics: open descriptions, the header's ioctls, releases, boot.
export type { Description } from './description.js';
export {
  type Driver,
  type DriverCounters,
  type DriverOptions,
  type DriverPorts,
  openDriver,
} from './driver.js';
export type { IoctlCall } from './ioctl.js';
export type { Finish, Pending } from './wait.js';
