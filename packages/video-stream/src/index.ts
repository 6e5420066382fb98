/** The server's side of the stream; the viewers are entries of their own (`/viewer`, `/viewer-node`). */
export { bytesPerPixel, maxSidePx, type VideoFrame } from './frame.js';
export type { Rect } from './rects.js';
export {
  createVideoStream,
  type VideoStream,
  type VideoStreamOptions,
  type VideoStreamStatistics,
} from './stream.js';
export type { Encoding } from './wire.js';
