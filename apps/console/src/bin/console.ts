#!/usr/bin/env node
/** The host side's composition root: the framebuffer's frames into a stream, the stream onto a page. */
import { parseArgs } from 'node:util';
import { openFramebuffer } from '@vsoc/framebuffer/host';
import { openGrallocHost } from '@vsoc/gralloc/host';
import { runMain, runPaths } from '@vsoc/process';
import { createVideoStream } from '@vsoc/video-stream';
import { connectHost } from '@vsoc/vsoc/host';
import { loadPage } from '../page.js';
import { serveConsole } from '../server.js';

const reportIntervalMs = 1_000;

function readArguments() {
  const { values } = parseArgs({
    options: { 'run-dir': { type: 'string' }, port: { type: 'string', default: '0' } },
  });
  const runDir = values['run-dir'];
  if (runDir === undefined) throw new Error('--run-dir DIR is missing: the run directory of the demo');
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new Error(`--port must be 0 (any) to 65535, is ${values.port}`);
  }
  return { serverSocket: runPaths(runDir).serverSocket, port };
}

runMain('console', async ({ signal, ready, report }) => {
  const { serverSocket, port } = readArguments();
  const page = await loadPage(new URL('../web/', import.meta.url));
  using host = await connectHost({ serverSocket });
  using buffers = await openGrallocHost(host);
  using framebuffer = await openFramebuffer(host, { buffers });
  await using stream = createVideoStream();
  await using server = await serveConsole({
    port,
    page,
    channels: { video: (socket) => stream.attach(socket) },
  });
  const reporting = setInterval(() => report({ stats: stream.statistics() }), reportIntervalMs);
  signal.addEventListener('abort', () => clearInterval(reporting), { once: true });
  ready({ url: server.url, videoUrl: server.channelUrl('video') });
  const ending = AbortSignal.any([signal, host.lost]);
  for await (const frame of framebuffer.frames({ signal: ending })) stream.push(frame);
  host.lost.throwIfAborted();
});
