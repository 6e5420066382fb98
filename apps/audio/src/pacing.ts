// When the next period of a stream is due: by the clock and by nothing else. Who is late catches up, so that the stream
// is as long as it should be; who was stopped for longer than the ring holds begins the count anew, since a burst of all
// that was missed would only fill the ring.

export interface PacingOptions {
  readonly sampleRateHz: number;
  /** From this time on, on process.hrtime.bigint(). */
  readonly startNs: bigint;
  readonly mostLateNs: bigint;
}

export interface Pacing {
  /** When the next frame is due: a past time when one is late. */
  dueNs(nowNs: bigint): bigint;
  /** So many frames were handed over, or dropped. */
  pass(frames: number): void;
  /** How often the count began anew. */
  readonly slips: number;
}

export function openPacing({ sampleRateHz, startNs, mostLateNs }: PacingOptions): Pacing {
  let originNs = startNs;
  let frames = 0;
  let slips = 0;
  return {
    get slips() {
      return slips;
    },
    dueNs(nowNs) {
      // Counted from the origin each time: rounded steps would add up to a wrong rate.
      const dueNs = originNs + (BigInt(frames) * 1_000_000_000n) / BigInt(sampleRateHz);
      if (nowNs - dueNs <= mostLateNs) return dueNs;
      slips++;
      originNs = nowNs;
      frames = 0;
      return nowNs;
    },
    pass(count) {
      frames += count;
    },
  };
}
