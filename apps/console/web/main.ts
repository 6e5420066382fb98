/** The page: hands its canvas to the worker that paints, and says in words how that goes. */
import type { ViewerStatistics } from '@vsoc/video-stream/viewer';
import type { ScreenRequest } from './screen.worker.js';

const query = new URLSearchParams(location.search);
document.body.classList.toggle('bare', query.has('bare'));

const stateWords = { connecting: 'connecting', live: 'live', lost: 'reconnecting' } as const;

function element<E extends HTMLElement = HTMLElement>(id: string): E {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no element #${id}`);
  return found as E;
}

function setText(id: string, text: string): void {
  const target = element(id);
  if (target.textContent !== text) target.textContent = text;
}

function show(statistics: ViewerStatistics): void {
  const { state, lastSerial, fps, ageMs, widthPx, heightPx } = statistics;
  const isEmpty = lastSerial === undefined;
  element('state').dataset.state = state;
  setText('state', stateWords[state]);
  setText('serial', isEmpty ? '–' : String(lastSerial));
  setText('fps', String(fps));
  setText('age', ageMs === undefined ? '–' : ageMs.toFixed(1));
  setText('size', isEmpty ? '–' : `${widthPx} × ${heightPx}`);
  setText('notice', noticeOf(statistics));
}

function noticeOf({ state, trouble, lastSerial }: ViewerStatistics): string {
  if (state === 'lost') {
    return `The connection is lost (${trouble}). Trying again … If the demo was restarted, open its new address.`;
  }
  return lastSerial === undefined ? 'Waiting for the first frame …' : '';
}

function start(): void {
  const url = new URL('video', location.href.replace(/^http/, 'ws')).href;
  const canvas = element<HTMLCanvasElement>('screen').transferControlToOffscreen();
  const encoding = query.get('encoding') === 'lossless' ? 'lossless' : 'jpeg';
  const worker = new Worker(new URL('./screen.worker.ts', import.meta.url), { type: 'module' });
  worker.onmessage = ({ data }: MessageEvent<ViewerStatistics>) => show(data);
  worker.onerror = ({ message }) => setText('notice', `The painter has failed: ${message}`);
  const request: ScreenRequest = { url, canvas, encoding };
  worker.postMessage(request, [canvas]);
}

start();
