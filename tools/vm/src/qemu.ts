// QEMU's command line for a guest with our window: an emulated IOMMU for vfio, the checkout by 9p, output by serial ports.
import { port } from './init.js';

export interface MachineOptions {
  /** Uncompressed kernel. */
  readonly kernel: string;
  readonly initramfs: string;
  /** Only this folder is shown to the guest, and read-only. */
  readonly checkout: string;
  /** The ivshmem server's socket for guests. */
  readonly qemuSocket: string;
  /** As many as the window has regions. */
  readonly vectors: number;
  /** UNIX sockets on which QEMU offers the guest's ports; one name of init.ts's ports each. */
  readonly ports: Readonly<Record<keyof typeof port, string>>;
  readonly accelerator: 'tcg' | 'kvm';
}

export const qemuProgram = 'qemu-system-x86_64';
const memoryMegabytes = 768;

export function machineArguments(options: MachineOptions): string[] {
  // One processor that could be two: with a single possible one QEMU's emulated locked instructions are not atomic
  // against the host.
  const accelerator = options.accelerator === 'kvm' ? 'kvm' : 'tcg,thread=multi';
  const serial = Object.entries(options.ports).flatMap(([name, path]) => [
    '-chardev',
    `socket,id=${name},path=${path},server=off`,
    '-device',
    `virtserialport,chardev=${name},name=${port[name as keyof typeof port]}`,
  ]);
  return [
    ...['-nodefaults', '-no-user-config', '-nographic', '-no-reboot'],
    ...[
      '-M',
      'q35,kernel-irqchip=split',
      '-accel',
      accelerator,
      '-smp',
      '1,maxcpus=2',
      '-m',
      `${memoryMegabytes}`,
    ],
    ...['-kernel', options.kernel, '-initrd', options.initramfs],
    ...['-append', 'console=ttyS0 quiet panic=-1 intel_iommu=on'],
    ...['-device', 'intel-iommu,intremap=on'],
    ...['-chardev', `socket,id=ivshmem,path=${options.qemuSocket}`],
    ...['-device', `ivshmem-doorbell,chardev=ivshmem,vectors=${options.vectors}`],
    ...['-fsdev', `local,id=checkout,path=${options.checkout},security_model=none,readonly=on`],
    ...['-device', 'virtio-9p-pci,fsdev=checkout,mount_tag=vsoc'],
    ...['-device', 'virtio-serial-pci', ...serial],
    ...['-serial', 'stdio'],
  ];
}
