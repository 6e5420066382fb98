// The native surface: system calls one to one. It knows nothing of what they are used for.
export { type AreaPlace, AreaView, viewArea } from './area-view.js';
export {
  createPipe,
  createSocketPair,
  descriptorLimit,
  duplicateFd,
  type FdKind,
  identifyFd,
  ioctl,
  tryLock,
  waitReadable,
} from './descriptors.js';
export { DisposableStack } from './disposable-stack.js';
export { createEventfd, readEventfd, signalEventfd } from './eventfd.js';
export { fill } from './fill.js';
export { type FutexOutcome, futexWait, futexWake } from './futex.js';
export { assertSealed, createSealedMemfd } from './memfd.js';
export { type ReceivedMessage, receiveMessage, sendMessage } from './message.js';
export { OwnedFd } from './owned-fd.js';
export { type LiveResource, liveResources } from './resources.js';
export type { SocketType } from './socket-type.js';
export { SystemError } from './system-error.js';
export { acceptUnix, connectUnix, listenUnix, peerCredentials } from './unix-socket.js';
export { type Watch, type WatchMode, watch } from './watch.js';
export { mapWindow, WindowMapping } from './window-mapping.js';
