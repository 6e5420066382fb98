/**
 * From a guest process into shared memory, through driver, window, host half, encoder and websocket onto the
 * canvas of a real Chromium: the picture there is the one that its serial demands.
 */
import { mkdir } from 'node:fs/promises';
import { pixelAt, stripHeightPx } from '@vsoc/player/pattern';
import { sharedByTests } from '@vsoc/testkit/hooks';
import { beforeAll, expect, it } from 'vitest';
import { canvasPixels, launchChromium, patienceMs, statusOf } from './browser.js';
import { startConsoleWithGuest } from './console-process.js';

const size = { widthPx: 640, heightPx: 360 };
const screenshots = new URL('../test-results/', import.meta.url);

const browser = sharedByTests(launchChromium);
beforeAll(() => mkdir(screenshots, { recursive: true }));

/** 32 cells from the left, most significant bit first, read in the strip's middle. */
function serialIn(rgba: Uint8Array): number {
  const cellPx = size.widthPx / 32;
  const at = (cell: number) => ((stripHeightPx / 2) * size.widthPx + (cell + 0.5) * cellPx) * 4;
  return Array.from({ length: 32 }, (_, cell) => (rgba[at(cell)] === 255 ? 2 ** (31 - cell) : 0)).reduce(
    (sum, bit) => sum + bit,
  );
}

/** The pattern by its definition, pixel by pixel. */
function expectedPicture(serial: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(size.widthPx * size.heightPx * 4));
  for (let y = 0; y < size.heightPx; y++) {
    for (let x = 0; x < size.widthPx; x++) {
      view.setUint32((y * size.widthPx + x) * 4, pixelAt(x, y, serial, size), true);
    }
  }
  return new Uint8Array(view.buffer);
}

it('the page shows the pixels that a guest process drew, and they move', async () => {
  await using started = await startConsoleWithGuest(size, 30);
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  context.setDefaultTimeout(patienceMs);
  const tab = await context.newPage();
  await tab.goto(`${started.url}?encoding=lossless`);
  await tab.locator('#state[data-state=live]').waitFor();
  const serials = new Set<number>();
  while (serials.size < 5) {
    const { rgba } = await canvasPixels(tab);
    const serial = serialIn(rgba);
    expect(Buffer.compare(rgba, expectedPicture(serial)), `picture of serial ${serial}`).toBe(0);
    serials.add(serial);
    await expect.poll(async () => serialIn((await canvasPixels(tab)).rgba)).not.toBe(serial);
  }
  // How many they are is the machine's affair.
  await expect.poll(async () => (await statusOf(tab)).fps).toBeGreaterThan(0);
  await tab.screenshot({ path: new URL('whole.png', screenshots).pathname });
  await context.close();
});
