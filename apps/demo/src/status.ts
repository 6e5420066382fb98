// The status line, made from what the console reports once a second. Rates are differences of its counters over
// the time between two reports here: nobody's wall clock is believed.

export interface StatusReport {
  readonly lastSerial: number;
  readonly framesPushed: number;
  readonly viewers: number;
}

/** Takes what came from another process: undefined unless it has the expected shape. */
export function readStats(report: object): StatusReport | undefined {
  if (!('stats' in report) || typeof report.stats !== 'object' || report.stats === null) return undefined;
  const { lastSerial, framesPushed, viewers } = report.stats as Record<string, unknown>;
  if (typeof framesPushed !== 'number' || typeof viewers !== 'number') return undefined;
  return { lastSerial: typeof lastSerial === 'number' ? lastSerial : 0, framesPushed, viewers };
}

/** Keeps the former report for the rate; `nowMs` of any monotonic clock. */
export function openStatus(): (report: StatusReport, nowMs: number) => string {
  let former: { framesPushed: number; atMs: number } | undefined;
  return ({ lastSerial, framesPushed, viewers }, nowMs) => {
    const passedMs = former === undefined ? 0 : nowMs - former.atMs;
    const frames = former === undefined ? 0 : framesPushed - former.framesPushed;
    former = { framesPushed, atMs: nowMs };
    const fps = passedMs > 0 ? ((frames * 1000) / passedMs).toFixed(1) : '–';
    return `frame ${lastSerial} · ${fps} fps · ${viewers} ${viewers === 1 ? 'viewer' : 'viewers'}`;
  };
}
