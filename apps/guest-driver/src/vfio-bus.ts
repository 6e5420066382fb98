// The bus of a guest in a real virtual machine: QEMU's ivshmem-doorbell as a PCI device, reached through vfio-pci with a
// stock kernel. BAR2 is the window, BAR0 holds the registers, MSI-X vector i is region i's doorbell.
import { readdirSync, readFileSync, readlinkSync, readSync, writeFileSync, writeSync } from 'node:fs';
import { basename } from 'node:path';
import { createEventfd, DisposableStack, mapWindow, type OwnedFd } from '@vsoc/native';
import { pageBytes, parseWindow } from '@vsoc/vsoc/layout';
import { type Doorbell, hostPeerId, ring } from '@vsoc/vsoc/wire';
import { checkAtomics } from './atomics.js';
import type { GuestBus } from './bus.js';
import { armInterrupts, countInterrupts, openDevice, openGroup, regionOf, vfioPci } from './vfio.js';

/** Red Hat's inter-VM shared memory. */
const vendorId = '0x1af4';
const deviceId = '0x1110';
/** Registers of BAR0. */
const doorbellRegister = 12;
const pciCommand = 4;
/** Memory space and bus master: without the second no MSI-X ever arrives. */
const memoryAndBusMaster = 6;

const pciDevices = '/sys/bus/pci/devices';

/**
 * Binds the first ivshmem device to vfio-pci, maps its window and arms its vectors. Throws where the machine's locked
 * instructions are not atomic against the host.
 */
export function openVfioBus(): GuestBus {
  using stack = new DisposableStack();
  const address = findDevice();
  const groupName = bindToVfio(address);
  const group = openGroup(groupName, (fd) => stack.use(fd));
  const device = stack.use(openDevice(group, address));
  const window = regionOf(device, vfioPci.bar2);
  const registers = regionOf(device, vfioPci.bar0);
  const mapping = stack.use(mapWindow(device.fd, window.sizeBytes, window.offsetBytes));
  const firstPage = new Uint8Array(mapping.buffer, 0, pageBytes).slice();
  const layout = parseWindow(firstPage, window.sizeBytes, { versions: 'as-is' });
  const count = layout.regions.length;
  const there = countInterrupts(device, vfioPci.msix);
  if (there < count) {
    throw new Error(`the device has ${there} vectors for ${count} regions: QEMU wants vectors=${count}`);
  }
  enableBusMaster(device);
  const vectors = layout.regions.map(() => stack.use(createEventfd()));
  armInterrupts(device, vfioPci.msix, vectors);
  const hostDoorbells = layout.regions.map(
    ({ index }): Doorbell => ({
      kind: 'register',
      fd: device.fd,
      offsetBytes: registers.offsetBytes + doorbellRegister,
      value: (Number(hostPeerId) << 16) | index,
    }),
  );
  checkAtomics(layout, mapping.buffer, (index) => ring(hostDoorbells[index] as Doorbell));
  const owned = stack.move();

  return {
    kind: 'pci',
    window: device,
    windowOffsetBytes: window.offsetBytes,
    mapping,
    layout,
    hostDoorbells,
    vectors,
    // A virtual machine's device goes with the machine, and this process with both.
    lost: new AbortController().signal,
    [Symbol.dispose]: () => owned[Symbol.dispose](),
  };
}

function findDevice(): string {
  const read = (address: string, file: string) =>
    readFileSync(`${pciDevices}/${address}/${file}`, 'utf8').trim();
  for (const address of readdirSync(pciDevices)) {
    if (read(address, 'vendor') === vendorId && read(address, 'device') === deviceId) return address;
  }
  throw new Error(`no PCI device ${vendorId}:${deviceId}: was QEMU started with ivshmem-doorbell?`);
}

/** Returns the name of the device's IOMMU group. */
function bindToVfio(address: string): string {
  writeFileSync(`${pciDevices}/${address}/driver_override`, 'vfio-pci');
  writeFileSync('/sys/bus/pci/drivers_probe', address);
  try {
    return basename(readlinkSync(`${pciDevices}/${address}/iommu_group`));
  } catch (error) {
    const cause = { cause: error };
    throw new Error(
      `${address} has no IOMMU group: QEMU wants intel-iommu, the kernel intel_iommu=on`,
      cause,
    );
  }
}

function enableBusMaster(device: OwnedFd): void {
  const { offsetBytes } = regionOf(device, vfioPci.config);
  const command = Buffer.alloc(2);
  readSync(device.fd, command, 0, command.byteLength, offsetBytes + pciCommand);
  command.writeUInt16LE(command.readUInt16LE() | memoryAndBusMaster);
  writeSync(device.fd, command, 0, command.byteLength, offsetBytes + pciCommand);
}
