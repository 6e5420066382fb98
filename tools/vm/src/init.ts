// The guest's init: mounts, modules, the checkout by 9p, then one command whose output and exit code go out through
// virtio-serial ports. Written in busybox's shell: the only program that is there before Node.
import { checkoutMount } from './initramfs.js';

/** Names of the virtio-serial ports. */
export const port = { log: 'vsoc.log', result: 'vsoc.result', control: 'vsoc.control' } as const;

/** `command` runs in the checkout; its environment has HOME and PATH and nothing of the host's. */
export function initScript(command: string): string {
  return `#!/bin/sh
export PATH=/bin HOME=/tmp
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mkdir -p /dev/shm /run/vsoc
mount -t tmpfs shm /dev/shm
for module in /modules/*.ko; do
  case $module in
    *vfio_iommu_type1*) insmod $module allow_unsafe_interrupts=1 ;;
    *) insmod $module ;;
  esac
done
port_of() {
  for name in /sys/class/virtio-ports/*/name; do
    [ "$(cat $name)" = "$1" ] && { name=\${name%/name}; echo /dev/\${name##*/}; return; }
  done
}
log=$(port_of ${port.log})
result=$(port_of ${port.result})
exec >$log 2>&1
mount -t 9p -o trans=virtio,version=9p2000.L,ro,msize=262144,cache=loose vsoc ${checkoutMount} || echo "init: no checkout"
cat /proc/modules | while read name rest; do echo "module $name"; done
cd ${checkoutMount}
VSOC_CONTROL_PORT=$(port_of ${port.control}) ; export VSOC_CONTROL_PORT
${command}
echo $? >$result
poweroff -f
`;
}
