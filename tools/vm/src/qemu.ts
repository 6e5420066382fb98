// QEMU's command line for a guest with our window: an emulated IOMMU for vfio, the checkout by 9p, output by serial ports.
import { port, scriptKey } from './init.js';

export interface MachineOptions {
  /** Uncompressed kernel. */
  readonly kernel: string;
  readonly initramfs: string;
  /** File with what the guest starts; see init.ts. */
  readonly script: string;
  /** Only this folder is shown to the guest, and read-only. */
  readonly checkout: string;
  /** The ivshmem server's socket for guests. */
  readonly qemuSocket: string;
  /** As many as the window has regions. */
  readonly vectors: number;
  /** UNIX sockets on which QEMU offers the guest's ports; one name of init.ts's ports each. */
  readonly ports: Readonly<Record<keyof typeof port, string>>;
  readonly accelerator: Accelerator;
  /** QEMU's -smp; see usualProcessors. */
  readonly processors?: string;
}

export type Accelerator = 'tcg' | 'kvm';

export const qemuProgram = 'qemu-system-x86_64';

/**
 * One processor that could be two: where only one is possible, QEMU's emulated locked instructions are not atomic against
 * the host.
 */
const usualProcessors = '1,maxcpus=2';
const memoryMegabytes = 768;

/** 'thread=multi' is what makes locked instructions atomic; named, because a default may change. */
const acceleratorOption: Readonly<Record<Accelerator, string>> = { tcg: 'tcg,thread=multi', kvm: 'kvm' };

/** No devices but those that are named, nothing of the user's configuration, an end in place of a reboot. */
export const bareMachine = [
  ...['-nodefaults', '-no-user-config', '-nographic', '-no-reboot'],
  ...['-M', 'q35,kernel-irqchip=split'],
];

/**
 * A panic ends the machine. On a busy host an emulated timer may be so late that the kernel takes it for broken, and
 * panics: it is not to look.
 */
export const kernelWords = 'console=ttyS0 quiet panic=-1 no_timer_check';

export function machineArguments(options: MachineOptions): string[] {
  const { accelerator, processors = usualProcessors } = options;
  const serial = Object.entries(options.ports).flatMap(([name, path]) => [
    ...['-chardev', `socket,id=${name},path=${inOption(path)}`],
    ...['-device', `virtserialport,chardev=${name},name=${port[name as keyof typeof port]}`],
  ]);
  const checkout = `path=${inOption(options.checkout)},security_model=none,readonly=on`;
  return [
    ...bareMachine,
    ...['-accel', acceleratorOption[accelerator], '-smp', processors, '-m', `${memoryMegabytes}`],
    ...['-kernel', options.kernel, '-initrd', options.initramfs],
    ...['-append', `${kernelWords} intel_iommu=on`],
    ...['-fw_cfg', `name=${scriptKey},file=${inOption(options.script)}`],
    ...['-device', 'intel-iommu,intremap=on'],
    ...['-chardev', `socket,id=ivshmem,path=${inOption(options.qemuSocket)}`],
    ...['-device', `ivshmem-doorbell,chardev=ivshmem,vectors=${options.vectors}`],
    ...['-fsdev', `local,id=checkout,${checkout}`],
    ...['-device', 'virtio-9p-pci,fsdev=checkout,mount_tag=vsoc'],
    ...['-device', 'virtio-serial-pci', ...serial],
    ...['-serial', 'stdio'],
  ];
}

/** In an option a comma ends a value, two are one. */
function inOption(path: string): string {
  return path.replaceAll(',', ',,');
}
