/** Chromium for the page's test, and what it shows: the canvas's pixels and the status line's words. */
import { type Browser, chromium, type Page } from 'playwright-core';

/** A watchdog for whatever the browser is asked, its start included. */
export const patienceMs = 90_000;

export async function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
    chromiumSandbox: false,
    timeout: patienceMs,
    args: [
      '--disable-gpu',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
    ],
  });
}

/** What the canvas holds now, read through a second canvas: the first belongs to the painting worker. */
export async function canvasPixels(page: Page) {
  const { widthPx, heightPx, base64 } = await page.evaluate(async () => {
    const screen = document.querySelector('canvas') as HTMLCanvasElement;
    const copy = new OffscreenCanvas(screen.width, screen.height);
    const context = copy.getContext('2d', { willReadFrequently: true }) as OffscreenCanvasRenderingContext2D;
    context.drawImage(screen, 0, 0);
    const { data } = context.getImageData(0, 0, screen.width, screen.height);
    const url = await new Promise<string>((resolve) => {
      const reader = new FileReader();
      reader.onload = () => resolve(reader.result as string);
      reader.readAsDataURL(new Blob([data]));
    });
    return { widthPx: screen.width, heightPx: screen.height, base64: url.slice(url.indexOf(',') + 1) };
  });
  return { widthPx, heightPx, rgba: new Uint8Array(Buffer.from(base64, 'base64')) };
}

export async function statusOf(page: Page) {
  const text = (id: string) => page.locator(`#${id}`).textContent();
  const state = await page.locator('#state').getAttribute('data-state');
  const [serial, fps, age, notice] = await Promise.all([
    text('serial'),
    text('fps'),
    text('age'),
    text('notice'),
  ]);
  return { state, serial: Number(serial), fps: Number(fps), ageMs: Number(age), notice };
}
