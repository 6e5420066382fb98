// QEMU's ivshmem client-server protocol, version 0: 8-byte little-endian signed numbers, at most one descriptor
// each. The server speaks, the client listens: version; the client's own id; −1 with the window; then for each peer
// its id once per vector with that vector's eventfd, the client itself last; later joins the same way, and a bare id
// for a peer that left.
export const ivshmemVersion = 0n;
/** A server that refuses sends this: QEMU ends with a message, where a plain close would hang it. */
export const refusalVersion = -1n;
export const windowMarker = -1n;
export const ivshmemMessageBytes = 8;
/** The guest rings peer 0 (the host); its vectors are the regions. */
export const hostPeerId = 0n;
export const guestPeerId = 1n;

export function encodeIvshmem(value: bigint): Uint8Array {
  const bytes = new Uint8Array(ivshmemMessageBytes);
  new DataView(bytes.buffer).setBigInt64(0, value, true);
  return bytes;
}
