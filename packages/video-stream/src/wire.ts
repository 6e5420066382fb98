/**
 * The stream's messages, one per websocket message, little-endian, in both directions. Pure: the browser
 * reads frames with the same structs that the server writes. The README's tables are generated from here.
 */
import { struct, u8, u16, u32 } from '@vsoc/struct';

export const encodingNumber = { lossless: 1, jpeg: 2 } as const;
export type Encoding = keyof typeof encodingNumber;

export const messageKind = { frame: 1, hello: 2, ack: 3 } as const;

export const frameHeader = struct(
  'video_frame_header',
  'Server to viewer: one rectangle of a frame; the encoded image follows this header.',
  {
    kind: u16({ doc: '1 = frame' }),
    encoding: u8({ doc: '1 = lossless (PNG), 2 = jpeg' }),
    partsFollowing: u8({ doc: 'messages still to come for this serial; the picture is complete at 0' }),
    serial: u32({ doc: 'of the frame, with wrap' }),
    frameWidth: u32({ doc: 'of the whole frame; a change clears the picture', unit: 'px' }),
    frameHeight: u32({ doc: 'of the whole frame', unit: 'px' }),
    x: u32({ doc: 'where the rectangle lies in the frame', unit: 'px' }),
    y: u32({ doc: 'where the rectangle lies in the frame', unit: 'px' }),
    width: u32({ doc: 'of the rectangle', unit: 'px' }),
    height: u32({ doc: 'of the rectangle', unit: 'px' }),
    ageUs: u32({ doc: 'from the pixels drawn to this message sent; stays at the maximum', unit: 'µs' }),
    payloadBytes: u32({ doc: 'length of the encoded image behind the header', unit: 'B' }),
  },
);

export const helloMessage = struct('video_hello', 'Viewer to server, first and once: what it wants.', {
  kind: u16({ doc: '2 = hello' }),
  encoding: u8({ doc: '1 = lossless, 2 = jpeg' }),
  credit: u8({ doc: 'frames that may be unacknowledged at a time, 1 to 8' }),
});

export const ackMessage = struct('video_ack', 'Viewer to server: a frame has been painted.', {
  kind: u16({ doc: '3 = ack' }),
  reserved: u16({ doc: '0' }),
  serial: u32({ doc: 'of the oldest frame not yet acknowledged' }),
});

export const maxCredit = 8;
export const maxViewerMessageBytes = 16;
export const maxFrameMessageBytes = 64 * 1024 * 1024;

/** Close codes of RFC 6455 that this protocol uses, by what they mean here. */
export const closeCode = {
  streamEnded: 1001,
  malformed: 1002,
  notBinary: 1003,
  violation: 1008,
  tooBig: 1009,
  failed: 1011,
  tooManyViewers: 1013,
} as const;

export interface FrameMessage {
  readonly encoding: Encoding;
  readonly partsFollowing: number;
  readonly serial: number;
  readonly frameWidth: number;
  readonly frameHeight: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly ageUs: number;
  readonly payload: Uint8Array<ArrayBuffer>;
}

export type ViewerMessage =
  | { readonly kind: 'hello'; readonly encoding: Encoding; readonly credit: number }
  | { readonly kind: 'ack'; readonly serial: number };

export interface Malformed {
  readonly kind: 'malformed';
  readonly code: number;
  readonly reason: string;
}

type FrameFields = Omit<FrameMessage, 'payload'> & { readonly payloadBytes: number };

export function writeFrameHeader(fields: FrameFields): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(frameHeader.size);
  const ageUs = Math.min(Math.max(0, Math.round(fields.ageUs)), 0xffff_ffff);
  const encoding = encodingNumber[fields.encoding];
  frameHeader.write(new DataView(bytes.buffer), 0, { ...fields, kind: messageKind.frame, encoding, ageUs });
  return bytes;
}

/** What a viewer received; a text tells what is wrong with it. */
export function readFrameMessage(message: Uint8Array<ArrayBuffer>): FrameMessage | string {
  if (message.byteLength < frameHeader.size)
    return `message of ${message.byteLength} B is shorter than a header`;
  const fields = frameHeader.read(viewOf(message), 0);
  if (fields.kind !== messageKind.frame) return `message kind ${fields.kind}, expected ${messageKind.frame}`;
  const encoding = encodingOf(fields.encoding);
  if (encoding === undefined) return `unknown encoding ${fields.encoding}`;
  const payload = message.subarray(frameHeader.size);
  if (payload.byteLength !== fields.payloadBytes) {
    return `header promises ${fields.payloadBytes} B of image, ${payload.byteLength} came`;
  }
  const fits = fields.x + fields.width <= fields.frameWidth && fields.y + fields.height <= fields.frameHeight;
  if (!fits || fields.width === 0 || fields.height === 0) return 'rectangle is empty or outside of the frame';
  return { ...fields, encoding, payload };
}

export function writeHello(encoding: Encoding, credit: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(helloMessage.size);
  const values = { kind: messageKind.hello, encoding: encodingNumber[encoding], credit };
  helloMessage.write(new DataView(bytes.buffer), 0, values);
  return bytes;
}

export function writeAck(serial: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(ackMessage.size);
  ackMessage.write(new DataView(bytes.buffer), 0, { kind: messageKind.ack, reserved: 0, serial });
  return bytes;
}

/** What the server received. Anything but an exact hello or ack is named, with the code to close with. */
export function readViewerMessage(message: Uint8Array): ViewerMessage | Malformed {
  if (message.byteLength > maxViewerMessageBytes) {
    return malformed(closeCode.tooBig, `${message.byteLength} B, at most ${maxViewerMessageBytes} expected`);
  }
  const kind = message.byteLength < 2 ? undefined : viewOf(message).getUint16(0, true);
  if (kind === messageKind.hello && message.byteLength === helloMessage.size) return readHello(message);
  if (kind === messageKind.ack && message.byteLength === ackMessage.size) {
    return { kind: 'ack', serial: ackMessage.read(viewOf(message), 0).serial };
  }
  return malformed(
    closeCode.malformed,
    `kind ${kind ?? 'none'} in ${message.byteLength} B is no known message`,
  );
}

function readHello(message: Uint8Array): ViewerMessage | Malformed {
  const fields = helloMessage.read(viewOf(message), 0);
  const encoding = encodingOf(fields.encoding);
  if (encoding === undefined) return malformed(closeCode.malformed, `unknown encoding ${fields.encoding}`);
  if (fields.credit < 1 || fields.credit > maxCredit) {
    return malformed(closeCode.malformed, `credit ${fields.credit}, expected 1 to ${maxCredit}`);
  }
  return { kind: 'hello', encoding, credit: fields.credit };
}

function malformed(code: number, reason: string): Malformed {
  return { kind: 'malformed', code, reason: `malformed message: ${reason}` };
}

function encodingOf(value: number): Encoding | undefined {
  if (value === encodingNumber.lossless) return 'lossless';
  return value === encodingNumber.jpeg ? 'jpeg' : undefined;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
