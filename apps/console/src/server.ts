/**
 * One port for the page and its websockets, on 127.0.0.1 only. Knows nothing of frames: a websocket that
 * passed the checks is handed to the channel whose name it asked for.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { type Judgement, judge, newToken } from './access.js';
import type { Page } from './page.js';

export interface ConsoleServerOptions {
  /** 0: any free one. */
  readonly port: number;
  readonly page: Page;
  /** Name in the address → who takes the websocket over. */
  readonly channels: Readonly<Record<string, (socket: WebSocket) => void>>;
}

export interface ConsoleServer extends AsyncDisposable {
  /** The page's address, token included. */
  readonly url: string;
  /** A channel's address, token included. */
  channelUrl(name: string): string;
}

const address = '127.0.0.1';
const maxConnections = 64;
/** Channels have limits of their own and give a reason; this one only keeps memory bounded. */
const maxMessageBytes = 4_096;
const closeTimeoutMs = 1000;

const securityHeaders = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
    "worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer', // the address holds the token
  'cache-control': 'no-store',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
  'cross-origin-resource-policy': 'same-origin',
};

export async function serveConsole(options: ConsoleServerOptions): Promise<ConsoleServer> {
  const token = newToken();
  const server = createServer({ headersTimeout: 5_000, requestTimeout: 10_000 });
  const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: maxMessageBytes,
  });
  server.maxConnections = maxConnections;
  server.listen(options.port, address);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    send(response, answerTo(request, judge(factsOf(request, false), port, token), options.page));
  });
  server.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    stream.on('error', () => stream.destroy());
    const judgement = judge(factsOf(request, true), port, token);
    if (!judgement.allowed) return refuseUpgrade(stream, 403, judgement.text);
    const { path = '' } = judgement;
    const attach = Object.hasOwn(options.channels, path) ? options.channels[path] : undefined;
    if (attach === undefined) return refuseUpgrade(stream, 404, `There is no channel '${path}' here.`);
    sockets.handleUpgrade(request, stream, head, attach);
  });

  const authority = `${address}:${port}/${token}/`;
  return {
    url: `http://${authority}`,
    channelUrl: (name) => `ws://${authority}${name}`,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets.clients) socket.close(1001, 'the console has ended');
      const forced = setTimeout(() => {
        for (const socket of sockets.clients) socket.terminate();
        server.closeAllConnections();
      }, closeTimeoutMs);
      server.closeIdleConnections();
      await closed;
      clearTimeout(forced);
    },
  };
}

function factsOf(request: IncomingMessage, needsOrigin: boolean) {
  const { host, origin } = request.headers;
  return { target: request.url ?? '', host, origin, needsOrigin };
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | string;
}

function answerTo(request: IncomingMessage, judgement: Judgement, page: Page): Answer {
  if (!judgement.allowed) return plainText(403, judgement.text);
  const { method = '', url = '' } = request;
  if (method !== 'GET' && method !== 'HEAD') {
    return plainText(405, `Method is ${method}, expected GET or HEAD.`, { allow: 'GET, HEAD' });
  }
  if (judgement.path === undefined) {
    const location = `${url.split('?')[0]}/${judgement.query}`;
    return plainText(308, `The page is at ${location}`, { location });
  }
  const file = page.get(judgement.path);
  if (file === undefined) return plainText(404, `There is no file '${judgement.path}' here.`);
  return { status: 200, headers: { 'content-type': file.type }, body: file.bytes };
}

function plainText(status: number, text: string, headers: Record<string, string> = {}): Answer {
  return { status, headers: { ...headers, 'content-type': 'text/plain; charset=utf-8' }, body: `${text}\n` };
}

function send(response: ServerResponse, { status, headers, body }: Answer): void {
  const length = { 'content-length': Buffer.byteLength(body) };
  response.writeHead(status, { ...securityHeaders, ...headers, ...length });
  response.end(body); // node itself leaves the body out of the answer to HEAD
}

function refuseUpgrade(stream: Duplex, status: number, text: string): void {
  const body = `${text}\n`;
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'content-type: text/plain; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  stream.end(`${lines.join('\r\n')}\r\n\r\n${body}`);
}
