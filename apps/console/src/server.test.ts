import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { createVideoStream } from '@vsoc/video-stream';
import { watchVideo } from '@vsoc/video-stream/viewer-node';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { frameOf, pictureOf } from '../test/test-picture.js';
import type { Page } from './page.js';
import { serveConsole } from './server.js';

const page: Page = new Map([
  ['', { bytes: Buffer.from('<p>page</p>'), type: 'text/html; charset=utf-8' }],
  ['assets/a.js', { bytes: Buffer.from('1;'), type: 'text/javascript; charset=utf-8' }],
]);

async function serve() {
  const stream = createVideoStream();
  const server = await serveConsole({
    port: 0,
    page,
    channels: { video: (socket) => stream.attach(socket) },
  });
  return {
    stream,
    server,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await stream[Symbol.asyncDispose]();
    },
  };
}

interface Asked {
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Record<string, string>;
}

/** node:http sends the path as it stands, where fetch would tidy it up. */
async function ask(url: string, { path, method = 'GET', headers = {} }: Asked = {}) {
  const { hostname, port, pathname } = new URL(url);
  const target = path ?? pathname;
  const sent = request({ hostname, port, path: target, method, headers, agent: false }).end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  let text = '';
  for await (const chunk of response) text += chunk;
  return { status: response.statusCode, headers: response.headers, text };
}

async function refusal(url: string, headers: Record<string, string>) {
  const socket = new WebSocket(url, { headers });
  socket.on('error', () => {});
  const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage];
  let text = '';
  for await (const chunk of response) text += chunk;
  return { status: response.statusCode, text };
}

describe('the page', () => {
  it('is served below the token, with its type and the security headers', async () => {
    await using served = await serve();
    const answer = await ask(served.server.url);
    expect(answer).toMatchObject({ status: 200, text: '<p>page</p>' });
    expect(answer.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': expect.stringContaining("default-src 'none'; script-src 'self'"),
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
    });
    expect(await ask(`${served.server.url}assets/a.js`)).toMatchObject({ status: 200, text: '1;' });
    expect(await ask(served.server.url, { method: 'HEAD' })).toMatchObject({ status: 200, text: '' });
  });

  it('binds to 127.0.0.1 only and prints that address', async () => {
    await using served = await serve();
    expect(served.server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/[0-9a-f]{32}\/$/);
    expect(served.server.channelUrl('video')).toBe(`${served.server.url.replace('http', 'ws')}video`);
  });

  it('is found without the last slash too', async () => {
    await using served = await serve();
    const path = new URL(served.server.url).pathname.slice(0, -1);
    const answer = await ask(served.server.url, { path: `${path}?bare` });
    expect(answer).toMatchObject({ status: 308, headers: { location: `${path}/?bare` } });
  });

  it('answers 403, 404 and 405 in words', async () => {
    await using served = await serve();
    const { url } = served.server;
    expect(await ask(url, { path: '/' })).toMatchObject({
      status: 403,
      text: expect.stringContaining('token'),
    });
    expect(await ask(url, { headers: { host: 'evil.example' } })).toMatchObject({
      status: 403,
      text: expect.stringContaining('Host is evil.example, expected one of 127.0.0.1:'),
    });
    expect(await ask(url, { headers: { origin: 'http://evil.example' } })).toMatchObject({ status: 403 });
    expect(await ask(`${url}nothing.js`)).toMatchObject({
      status: 404,
      text: "There is no file 'nothing.js' here.\n",
    });
    expect(await ask(url, { method: 'POST' })).toMatchObject({
      status: 405,
      headers: { allow: 'GET, HEAD' },
    });
  });

  it.each([
    '../package.json',
    '%2e%2e/package.json',
    '..%2fpackage.json',
    '/etc/passwd',
    'assets/../../x',
    '\\..\\x',
  ])('has no way out of its folder: %s', async (way) => {
    await using served = await serve();
    const { pathname } = new URL(served.server.url);
    expect(await ask(served.server.url, { path: pathname + way })).toMatchObject({ status: 404 });
  });
});

describe('a websocket', () => {
  it('is refused for a foreign Origin, a missing one, a foreign Host, a wrong token, an unknown channel', async () => {
    await using served = await serve();
    const { server } = served;
    const url = server.channelUrl('video');
    const origin = new URL(server.url).origin;
    const cases = [
      [url, { origin: 'http://evil.example' }, 403, 'Origin is http://evil.example'],
      [url, {}, 403, 'Origin is missing'],
      [url, { origin, host: 'evil.example' }, 403, 'Host is evil.example'],
      [url.replace(/\/[0-9a-f]{32}\//, `/${'0'.repeat(32)}/`), { origin }, 403, 'lacks the right token'],
      [server.channelUrl('constructor'), { origin }, 404, "There is no channel 'constructor' here."],
    ] as const;
    for (const [address, headers, status, text] of cases) {
      expect(await refusal(address, { ...headers })).toEqual({ status, text: expect.stringContaining(text) });
    }
    expect(served.stream.statistics().viewers).toBe(0);
  });

  it('brings a late viewer the newest picture at once', async () => {
    await using served = await serve();
    for (const serial of [1, 2, 3]) served.stream.push(frameOf(serial));
    for await (const seen of watchVideo({ url: served.server.channelUrl('video') })) {
      expect(seen.serial).toBe(3);
      expect(Buffer.compare(seen.rgba, pictureOf(3))).toBe(0);
      break;
    }
  });

  it('is told when the console ends, and one that does not answer does not hold up the end', async () => {
    const served = await serve();
    served.stream.push(frameOf(1));
    const watching = watchVideo({ url: served.server.channelUrl('video') });
    await watching.next();
    const deaf = new WebSocket(served.server.channelUrl('video'), {
      origin: new URL(served.server.url).origin,
    });
    await once(deaf, 'open');
    deaf.pause();
    await served[Symbol.asyncDispose]();
    await expect(watching.next()).rejects.toThrow('ended with code 1001: the console has ended');
    deaf.terminate();
  });
});
