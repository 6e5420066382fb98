// How the other side is rung: an eventfd, or a register of the PCI device. Plain data, so that it goes to Workers and
// into messages; ringing waits on no process either way.
import { writeSync } from 'node:fs';
import { signalEventfd } from '@vsoc/native';

export type Doorbell =
  | { readonly kind: 'eventfd'; readonly fd: number }
  /** A 32-bit write of `value` at `offsetBytes` of the device's descriptor. */
  | { readonly kind: 'register'; readonly fd: number; readonly offsetBytes: number; readonly value: number };

const registerBytes = Buffer.alloc(4);

export function ring(doorbell: Doorbell): void {
  if (doorbell.kind === 'eventfd') {
    signalEventfd(doorbell.fd);
    return;
  }
  registerBytes.writeUInt32LE(doorbell.value);
  writeSync(doorbell.fd, registerBytes, 0, registerBytes.byteLength, doorbell.offsetBytes);
}
