// Where in its stream a reader is. A stream's positions count every frame that its producer had to hand over, those that
// found the ring full and those that the reader passed over too, so that a gap is as long as what is missing.

export interface Timeline {
  /** The producer says that it has dropped other than so many in all: what of it is new lies before anything unread. */
  hasDropped(droppedFrames: number): boolean;
  /** Passes over frames of the ring, and over what the producer dropped since it was asked last. */
  lose(passedFrames: number, droppedFrames: number): void;
  /** The next `frames` frames have been read. */
  take(frames: number): Taken;
}

export interface Taken {
  /** Of the first of them. */
  readonly positionFrames: number;
  /** Frames lost since those that were taken before. */
  readonly gapFrames: number;
}

/** Begins where so many frames lay in the ring already, and so many had been dropped: what is before it is a gap. */
export function openTimeline(passedFrames = 0, droppedFrames = 0): Timeline {
  let next = passedFrames + droppedFrames;
  let heard = 0;
  let dropped = droppedFrames;
  return {
    hasDropped: (droppedFrames) => droppedFrames !== dropped,
    lose(passedFrames, droppedFrames) {
      next += passedFrames + ((droppedFrames - dropped) >>> 0);
      dropped = droppedFrames;
    },
    take(frames) {
      const taken = { positionFrames: next, gapFrames: next - heard };
      next += frames;
      heard = next;
      return taken;
    },
  };
}
