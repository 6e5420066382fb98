/** The numbers that the interface's users were built against, held here apart from the declarations. */
import { expect, test } from 'vitest';
import {
  fdScopedPermission,
  fdScopedPermissionArg,
  ioctlNumber,
  layoutVersion,
  maxRegions,
  pageBytes,
  vsocCondWait,
  vsocDeviceRegion,
  vsocShmLayoutDescriptor,
  vsocSignalTableLayout,
} from './index.js';

test.each([
  [
    vsocShmLayoutDescriptor,
    16,
    { major_version: 0, minor_version: 2, size: 4, region_count: 8, vsoc_region_desc_offset: 12 },
  ],
  [
    vsocSignalTableLayout,
    12,
    { num_nodes_lg2: 0, futex_uaddr_table_offset: 4, interrupt_signalled_offset: 8 },
  ],
  [
    vsocDeviceRegion,
    60,
    {
      current_version: 0,
      min_compatible_version: 2,
      region_begin_offset: 4,
      region_end_offset: 8,
      offset_of_region_data: 12,
      guest_to_host_signal_table: 16,
      host_to_guest_signal_table: 28,
      device_name: 40,
      managed_by: 56,
    },
  ],
  [fdScopedPermission, 16, { begin_offset: 0, end_offset: 4, owner_offset: 8, owned_value: 12 }],
  [fdScopedPermissionArg, 20, { perm: 0, managed_region_fd: 16 }],
  [
    vsocCondWait,
    32,
    { offset: 0, value: 4, wake_time_sec: 8, wake_time_nsec: 16, wait_type: 20, wakes: 24, reserved_1: 28 },
  ],
])('$cName has the size and the offsets of the interface', (type, size, offsets) => {
  expect(type.size).toBe(size);
  expect(Object.fromEntries(type.fields.map(({ cName, offset }) => [cName, offset]))).toEqual(offsets);
});

test('ioctl numbers encode direction, argument size, type 0xf5 and number', () => {
  const none = 0;
  const write = 1;
  const read = 2;
  const encode = (direction: number, bytes: number, number: number) =>
    ((direction << 30) | (bytes << 16) | (0xf5 << 8) | number) >>> 0;
  expect(ioctlNumber).toEqual({
    createFdScopedPermission: encode(write, fdScopedPermission.size, 0),
    getFdScopedPermission: encode(read, fdScopedPermission.size, 1),
    maybeSendInterruptToHost: encode(none, 0, 2),
    waitForIncomingInterrupt: encode(none, 0, 3),
    describeRegion: encode(read, vsocDeviceRegion.size, 4),
    selfInterrupt: encode(none, 0, 5),
    sendInterruptToHost: encode(none, 0, 6),
    condWait: encode(read | write, vsocCondWait.size, 7),
    condWake: encode(none, 0, 8),
  });
});

test('as many records are allowed as fit into the first page', () => {
  expect(Math.floor((pageBytes - vsocShmLayoutDescriptor.size) / vsocDeviceRegion.size)).toBe(maxRegions);
  expect(layoutVersion).toEqual({ major: 2, minor: 0 });
});
