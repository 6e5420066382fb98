// vfio as the kernel's user interface has it: the structs and ioctls that one PCI device needs, over plain files and
// the addon's ioctl. Numbers and structs are the stable interface of linux/vfio.h.
import { openSync } from 'node:fs';
import { ioctl, OwnedFd } from '@vsoc/native';
import { array, s32, struct, u32, u64 } from '@vsoc/struct';
import { encode } from '@vsoc/vsoc/wire';

const request = {
  getApiVersion: 0x3b64,
  checkExtension: 0x3b65,
  setIommu: 0x3b66,
  groupGetStatus: 0x3b67,
  groupSetContainer: 0x3b68,
  groupGetDeviceFd: 0x3b6a,
  deviceGetRegionInfo: 0x3b6c,
  deviceGetIrqInfo: 0x3b6d,
  deviceSetIrqs: 0x3b6e,
} as const;

const apiVersion = 0;
const type1Iommu = 1;
/** All devices of the group are bound to vfio or to nothing. */
const groupViable = 1;
const irqDataEventfd = 4;
const irqActionTrigger = 32;

/** Indices of a PCI device's regions and interrupts. */
export const vfioPci = { bar0: 0, bar2: 2, config: 7, msix: 2 } as const;

const groupStatus = struct('vfio_group_status', 'Whether a group can be used.', {
  argsz: u32({ unit: 'B', doc: 'size of this struct' }),
  flags: u32({ doc: 'answer: 1 viable' }),
});

const regionInfo = struct('vfio_region_info', 'Where a region of a device lies in its descriptor.', {
  argsz: u32({ unit: 'B', doc: 'size of this struct' }),
  flags: u32({ doc: 'answer: readable, writable, mappable' }),
  index: u32({ doc: 'which region' }),
  capOffset: u32({ doc: 'answer: unused here' }),
  size: u64({ unit: 'B', doc: 'answer' }),
  offset: u64({ unit: 'B', doc: 'answer: where to read, write or map it' }),
});

const irqInfo = struct('vfio_irq_info', 'How many interrupts of a kind a device has.', {
  argsz: u32({ unit: 'B', doc: 'size of this struct' }),
  flags: u32({ doc: 'answer: what they can do' }),
  index: u32({ doc: 'which kind' }),
  count: u32({ doc: 'answer' }),
});

const irqSetHead = {
  argsz: u32({ unit: 'B', doc: 'size of this struct with its descriptors' }),
  flags: u32({ doc: 'data are eventfds, action is to trigger them' }),
  index: u32({ doc: 'which kind' }),
  start: u32({ doc: 'first vector' }),
  count: u32({ doc: 'vectors' }),
};

/** Container and group of one device, with the type 1 IOMMU set. All stay open for as long as the device is used. */
export interface VfioGroup {
  readonly container: OwnedFd;
  readonly group: OwnedFd;
}

/** Opens the container and group `groupName`; says which condition is not met. */
export function openGroup(groupName: string, own: <T extends Disposable>(fd: T) => T): VfioGroup {
  const container = own(OwnedFd.own(openSync('/dev/vfio/vfio', 'r+'), 'vfio container'));
  const version = ioctl(container.fd, request.getApiVersion, 0);
  if (version !== apiVersion) throw new Error(`vfio speaks version ${version}, this is ${apiVersion}`);
  if (ioctl(container.fd, request.checkExtension, type1Iommu) === 0) {
    throw new Error('vfio has no type 1 IOMMU: is vfio_iommu_type1 loaded?');
  }
  const group = own(OwnedFd.own(openSync(`/dev/vfio/${groupName}`, 'r+'), `vfio group ${groupName}`));
  const status = encode(groupStatus, { argsz: groupStatus.size, flags: 0 });
  ioctl(group.fd, request.groupGetStatus, status);
  if ((groupStatus.read(viewOf(status), 0).flags & groupViable) === 0) {
    throw new Error(`vfio group ${groupName} is not viable: another driver has a device of it`);
  }
  const containerFd = new Uint8Array(4);
  new DataView(containerFd.buffer).setInt32(0, container.fd, true);
  ioctl(group.fd, request.groupSetContainer, containerFd);
  ioctl(container.fd, request.setIommu, type1Iommu);
  return { container, group };
}

/** The device `address` (0000:00:03.0) of a group. */
export function openDevice({ group }: VfioGroup, address: string): OwnedFd {
  const name = new TextEncoder().encode(`${address}\0`);
  return OwnedFd.own(ioctl(group.fd, request.groupGetDeviceFd, name), `vfio device ${address}`);
}

export function regionOf(device: OwnedFd, index: number): { offsetBytes: number; sizeBytes: number } {
  const bytes = encode(regionInfo, {
    argsz: regionInfo.size,
    flags: 0,
    index,
    capOffset: 0,
    size: 0n,
    offset: 0n,
  });
  ioctl(device.fd, request.deviceGetRegionInfo, bytes);
  const { offset, size } = regionInfo.read(viewOf(bytes), 0);
  return { offsetBytes: Number(offset), sizeBytes: Number(size) };
}

export function countInterrupts(device: OwnedFd, index: number): number {
  const bytes = encode(irqInfo, { argsz: irqInfo.size, flags: 0, index, count: 0 });
  ioctl(device.fd, request.deviceGetIrqInfo, bytes);
  return irqInfo.read(viewOf(bytes), 0).count;
}

/** Arms vectors 0 to n − 1 of one kind, each with its eventfd. */
export function armInterrupts(device: OwnedFd, index: number, eventfds: readonly OwnedFd[]): void {
  const irqSet = struct('vfio_irq_set', 'Arms interrupts.', {
    ...irqSetHead,
    eventfds: array(s32({ doc: 'rung by the vector' }), eventfds.length, { doc: 'one a vector' }),
  });
  const values = {
    argsz: irqSet.size,
    flags: irqDataEventfd | irqActionTrigger,
    index,
    start: 0,
    count: eventfds.length,
    eventfds: eventfds.map(({ fd }) => fd),
  };
  ioctl(device.fd, request.deviceSetIrqs, encode(irqSet, values));
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
