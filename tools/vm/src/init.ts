// The guest's init: mounts, modules, the checkout by 9p, then the programs of this run, whose output and first end go out
// through virtio-serial ports. Written in busybox's shell: the only program that is there before Node. It is the same
// for every run; what a run starts comes in through QEMU's firmware configuration device.
import { checkoutMount } from './initramfs.js';

/** Names of the virtio-serial ports. */
export const port = { log: 'vsoc.log', result: 'vsoc.result', control: 'vsoc.control' } as const;

/** Where the programs' script is in the firmware configuration. */
export const scriptKey = 'opt/vsoc/programs';

/** Marks the lines of the log that list the loaded modules. */
export const moduleMark = 'module ';

/** The run directory inside the guest. */
export const guestRunDir = '/run/vsoc';

export interface GuestProgram {
  readonly name: string;
  /** Words as they are to be passed on; the first is found by PATH, which has busybox's applets and node. */
  readonly command: readonly string[];
}

/** The programs' environment has HOME, PATH, VSOC_CONTROL_PORT and nothing of the host's. */
export const initScript = `#!/bin/sh
export PATH=/bin HOME=/tmp
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mkdir -p /dev/shm ${guestRunDir}
mount -t tmpfs shm /dev/shm
for module in /modules/*.ko; do
  case $module in
    *vfio_iommu_type1*) insmod $module allow_unsafe_interrupts=1 ;;
    *) insmod $module ;;
  esac
done
# The ports' names come from QEMU some moments after the module.
port_of() {
  while :; do
    for name in /sys/class/virtio-ports/*/name; do
      [ "$(cat $name 2>/dev/null)" = "$1" ] || continue
      port=\${name%/name}
      port=/dev/\${port##*/}
      [ -c $port ] && echo $port && return
    done
    sleep 0.05
  done
}
log=$(port_of ${port.log})
result=$(port_of ${port.result})
exec >$log 2>&1
mount -t 9p -o trans=virtio,version=9p2000.L,ro,msize=262144,cache=loose vsoc ${checkoutMount} || echo "init: no checkout"
while read name rest; do echo "${moduleMark}$name"; done </proc/modules
cd ${checkoutMount}
VSOC_CONTROL_PORT=$(port_of ${port.control})
export VSOC_CONTROL_PORT
mkfifo /run/ends
start() {
  name=$1
  shift
  ( "$@"; echo "$? $name" >/run/ends ) &
}
. /sys/firmware/qemu_fw_cfg/by_name/${scriptKey}/raw
read end </run/ends
echo "$end" >$result
poweroff -f
`;

/** All are started at once; the first one that ends, ends the machine. */
export function programsScript(
  programs: readonly GuestProgram[],
  env: Readonly<Record<string, string>> = {},
): string {
  const exports = Object.entries(env).map(([name, value]) => `export ${name}=${quote(value)}`);
  const starts = programs.map(({ name, command }) => ['start', name, ...command].map(quote).join(' '));
  return [...exports, ...starts, ''].join('\n');
}

function quote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
