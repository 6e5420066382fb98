// The three protocols, and sockets in the event loop to speak them over.
export {
  advanceAnswer,
  busKind,
  channelReply,
  channelRequest,
  channelVerb,
  mapAnswer,
  noRegionIndex,
  openAnswer,
  outstandingLimit,
  seekAnswer,
  seekArgument,
  seekOrigin,
} from './channel-protocol.js';
export { connectSocket } from './connect.js';
export { type Doorbell, ring } from './doorbell.js';
export { decode, encode } from './encode.js';
export {
  answerTextLimitBytes,
  hostAnswer,
  hostHello,
  hostNotice,
  hostProtocolVersion,
  nameDeadlineMs,
  noticeKind,
} from './host-protocol.js';
export {
  encodeIvshmem,
  guestPeerId,
  hostPeerId,
  ivshmemMessageBytes,
  ivshmemVersion,
  refusalVersion,
  windowMarker,
} from './ivshmem-protocol.js';
export { type ListenOptions, listenAt, type OnConnection, serveConnections } from './listener.js';
export { openSocket, type SocketEvents, type UnixSocket } from './socket.js';
export { StreamBuffer } from './stream-buffer.js';
export { type Client, isOutOfDescriptors, openTurns, type Turns } from './turns.js';
