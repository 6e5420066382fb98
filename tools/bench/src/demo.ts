// The demo as a person starts it, with a viewer that waits for its first frame: for the rows about starting it and
// about what it costs while it runs.
import { fileURLToPath } from 'node:url';
import { launch } from '@vsoc/process/launcher';
import { watchVideo } from '@vsoc/video-stream/viewer-node';

/** The root of the repository that this bench belongs to. */
export const repository = fileURLToPath(new URL('../../../', import.meta.url));

/** Long enough for a clone to install and build; shorter than a patience. */
const firstFrameTimeoutMs = 300_000;

export interface RunningDemo extends AsyncDisposable {
  /** The process above all of the demo's. */
  readonly pid: number;
  /** From the start of npm. */
  readonly firstFrameNs: bigint;
  /** On CLOCK_MONOTONIC, when the first frame was composed. */
  readonly firstFrameAtNs: bigint;
}

/** Starts `npm run demo` in `folder` and goes on watching it after its first frame. */
export async function startDemo(
  { folder, args = [] }: { folder: string; args?: readonly string[] },
  caller: AbortSignal,
): Promise<RunningDemo> {
  caller.throwIfAborted();
  const watching = new AbortController();
  const late = new DOMException(`no frame within ${firstFrameTimeoutMs / 1000} s`, 'TimeoutError');
  const timer = setTimeout(() => watching.abort(late), firstFrameTimeoutMs);
  const signal = AbortSignal.any([caller, watching.signal]);
  let onReport: (report: object) => void = () => {};
  const reported = new Promise<object>((resolve) => {
    onReport = resolve;
  });
  const child = launch({
    name: 'npm run demo',
    program: fileURLToPath(new URL('./peers/npm-demo.js', import.meta.url)),
    args: [folder, ...args],
    onReport,
  });
  const stop = async () => {
    clearTimeout(timer);
    watching.abort();
    await child.stop();
  };
  const failed = child.ended.then(({ text }) => {
    throw new Error(`npm run demo: ${text} before its first frame`);
  });
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  failed.catch(() => {}); // after the first frame nobody asks
  aborted.catch(() => {});
  try {
    const { url, startNs } = readReport(await Promise.race([reported, failed, aborted]));
    const frames = watchVideo({ url: videoAddress(url), signal });
    const { done } = await Promise.race([frames.next(), failed, aborted]);
    if (done) throw new Error('the stream ended before its first frame');
    const firstFrameAtNs = process.hrtime.bigint();
    clearTimeout(timer);
    void drain(frames);
    const pid = child.pid ?? 0;
    return { pid, firstFrameAtNs, firstFrameNs: firstFrameAtNs - startNs, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The page's address leads to its stream: the same port and token. */
export function videoAddress(pageUrl: string): string {
  const url = new URL('video', pageUrl);
  url.protocol = 'ws:';
  return url.href;
}

function readReport(report: object): { url: string; startNs: bigint } {
  const { url, startNs } = report as Partial<Record<'url' | 'startNs', unknown>>;
  if (typeof url !== 'string' || typeof startNs !== 'string') {
    throw new Error(`url and startNs expected, seen ${JSON.stringify(report)}`);
  }
  return { url, startNs: BigInt(startNs) };
}

/** A viewer that stays; that the demo ends under it is no news here. */
async function drain(frames: AsyncIterable<unknown>): Promise<void> {
  try {
    for await (const _ of frames) {
      /* only taken and acknowledged */
    }
  } catch {
    // The stream was cut.
  }
}
