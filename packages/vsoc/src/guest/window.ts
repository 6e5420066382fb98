// What an open's answer says of window and doorbell, made usable: on the embedded bus a sealed memory file and eventfds,
// on the PCI bus one device for everything.
import { assertSealed, mapWindow, type OwnedFd, type WindowMapping } from '@vsoc/native';
import { VsocError } from '../errors.js';
import { busKind, type Doorbell } from '../wire/index.js';
import type { OpenAnswer } from './channel.js';

/** The window of a device, which owns all of it. */
export interface WindowPlace {
  readonly fd: OwnedFd;
  /** Of the window's first byte in the descriptor. */
  readonly offsetBytes: number;
  readonly buffer: SharedArrayBuffer;
  /** Views of leased areas: they end with the device, or with the guest. */
  readonly views: Set<Disposable>;
}

export function windowPlace(answer: OpenAnswer, window: OwnedFd, buffer: SharedArrayBuffer): WindowPlace {
  return { fd: window, offsetBytes: Number(answer.windowOffset), buffer, views: new Set() };
}

/** Maps the window; a memory file must be sealed and as large as the driver says, or reading it could be a SIGBUS. */
export function mapAnsweredWindow(answer: OpenAnswer, window: OwnedFd): WindowMapping {
  if (answer.bus === busKind.embedded) {
    const sizeBytes = assertSealed(window.fd);
    if (sizeBytes !== answer.windowBytes) {
      const seen = `the descriptor has ${sizeBytes} bytes`;
      throw new VsocError('EPROTO', 'open', `expected a window of ${answer.windowBytes} bytes, ${seen}`);
    }
  }
  return mapWindow(window.fd, answer.windowBytes, Number(answer.windowOffset));
}

/** `fd` must stay open for as long as the doorbell is rung. */
export function doorbellOf(answer: OpenAnswer, fd: OwnedFd): Doorbell {
  if (answer.bus === busKind.embedded) return { kind: 'eventfd', fd: fd.fd };
  const offsetBytes = Number(answer.doorbellOffset);
  return { kind: 'register', fd: fd.fd, offsetBytes, value: answer.doorbellValue };
}
