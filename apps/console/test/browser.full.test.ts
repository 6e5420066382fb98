/**
 * The real page in a real Chromium over the real stream and server; only the frames are made here, so that
 * every pixel of the canvas is known.
 */
import { mkdir } from 'node:fs/promises';
import { sharedByTests } from '@vsoc/testkit/hooks';
import { createVideoStream } from '@vsoc/video-stream';
import { beforeAll, describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import { loadPage } from '../src/page.js';
import { serveConsole } from '../src/server.js';
import { canvasPixels, launchChromium, patienceMs, statusOf } from './browser.js';
import { frameOf, heightPx, pictureOf, serialIn, widthPx } from './test-picture.js';

const page = await loadPage(new URL('../dist/web/', import.meta.url));
const screenshots = new URL('../test-results/', import.meta.url);

const browser = sharedByTests(launchChromium);
beforeAll(() => mkdir(screenshots, { recursive: true }));

/** A console whose picture moves `fps` times a second; 0: one picture that stays. */
async function moving(fps: number) {
  const stream = createVideoStream();
  const sockets: WebSocket[] = [];
  const video = (socket: WebSocket) => {
    sockets.push(socket);
    stream.attach(socket);
  };
  const server = await serveConsole({ port: 0, page, channels: { video } });
  let serial = 1;
  stream.push(frameOf(serial));
  const timer = setInterval(() => stream.push(frameOf(++serial)), fps === 0 ? 1 << 30 : 1000 / fps);
  return {
    stream,
    server,
    cutConnections() {
      for (const socket of sockets) socket.terminate();
    },
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await server[Symbol.asyncDispose]();
      await stream[Symbol.asyncDispose]();
    },
  };
}

async function openPage(url: string) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  context.setDefaultTimeout(patienceMs);
  const tab = await context.newPage();
  const errors: string[] = [];
  tab.on('pageerror', (error) => errors.push(String(error)));
  tab.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  await tab.goto(url);
  return { tab, errors, [Symbol.asyncDispose]: () => context.close() };
}

describe('the page', () => {
  it('shows moving pixels, and every one of them as the serial says', async () => {
    await using console = await moving(30);
    await using opened = await openPage(`${console.server.url}?encoding=lossless`);
    const { tab, errors } = opened;
    await tab.locator('#state[data-state=live]').waitFor();
    const serials: number[] = [];
    for (let picture = 0; picture < 8; picture++) {
      const shown = await canvasPixels(tab);
      expect(shown).toMatchObject({ widthPx, heightPx });
      const serial = serialIn(shown.rgba);
      expect(Buffer.compare(shown.rgba, pictureOf(serial)), `picture of serial ${serial}`).toBe(0);
      serials.push(serial);
      await expect.poll(async () => serialIn((await canvasPixels(tab)).rgba)).toBeGreaterThan(serial);
    }
    expect([...serials].sort((a, b) => a - b)).toEqual(serials);
    // How many they are is the machine's affair.
    await expect.poll(async () => (await statusOf(tab)).fps).toBeGreaterThan(0);
    await tab.screenshot({ path: new URL('page.png', screenshots).pathname });
    expect(errors).toEqual([]);
  });

  it('moves with jpeg too, in its barest form', async () => {
    await using console = await moving(30);
    await using opened = await openPage(`${console.server.url}?bare`);
    const { tab, errors } = opened;
    await tab.locator('#state[data-state=live]').waitFor();
    const first = (await statusOf(tab)).serial;
    await expect.poll(async () => (await statusOf(tab)).serial).toBeGreaterThan(first + 10);
    expect(await tab.locator('header').isVisible()).toBe(false);
    await tab.screenshot({ path: new URL('page-bare.png', screenshots).pathname });
    expect(errors).toEqual([]);
  });

  it('that comes late shows the still picture that was drawn before', async () => {
    await using console = await moving(0);
    await using opened = await openPage(`${console.server.url}?encoding=lossless`);
    await opened.tab.locator('#state[data-state=live]').waitFor();
    const { rgba } = await canvasPixels(opened.tab);
    expect(Buffer.compare(rgba, pictureOf(1))).toBe(0);
    expect(console.stream.statistics()).toMatchObject({ framesSent: 1, encodings: 1 });
  });

  it('comes back by itself when its connection was cut', async () => {
    await using console = await moving(30);
    await using opened = await openPage(console.server.url);
    const { tab } = opened;
    await tab.locator('#state[data-state=live]').waitFor();
    console.cutConnections();
    await tab.locator('#state[data-state=lost]').waitFor();
    await tab.locator('#state[data-state=live]').waitFor();
    await expect.poll(async () => (await statusOf(tab)).notice).toBe('');
  });

  it('says plainly that the connection is lost', async () => {
    const console = await moving(30);
    await using opened = await openPage(console.server.url);
    const { tab } = opened;
    await tab.locator('#state[data-state=live]').waitFor();
    await console[Symbol.asyncDispose]();
    await tab.locator('#state[data-state=lost]').waitFor();
    const { notice } = await statusOf(tab);
    expect(notice).toContain('The connection is lost (the console has ended). Trying again');
    await tab.screenshot({ path: new URL('page-lost.png', screenshots).pathname });
  });
});
