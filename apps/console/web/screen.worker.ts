/** Decoding and painting live in a worker: whatever the page does, the picture keeps moving. */
import { openViewer, type ViewerOptions, type ViewerStatistics } from '@vsoc/video-stream/viewer';

export type ScreenRequest = Pick<ViewerOptions, 'url' | 'canvas' | 'encoding'>;

const reportIntervalMs = 200;

self.onmessage = ({ data }: MessageEvent<ScreenRequest>) => {
  const viewer = openViewer(data);
  setInterval(() => {
    const statistics: ViewerStatistics = viewer.statistics();
    self.postMessage(statistics);
  }, reportIntervalMs);
};
