/**
 * A layout as text: the file that a launcher hands to the server. What comes back went through the same validator
 * as a window, so a hand-edited file cannot do what a hostile window could not.
 */
import { formatWindow } from './format.js';
import { headerBytes } from './numbers.js';
import { parseWindow } from './parse.js';
import { LayoutError, type WindowLayout } from './window-layout.js';

export function layoutToJson(layout: WindowLayout): string {
  return `${JSON.stringify(layout, null, 2)}\n`;
}

export function layoutFromJson(text: string): WindowLayout {
  const page0 = new Uint8Array(headerBytes);
  let sizeBytes: number;
  try {
    // Any shape may have been typed into the file: missing and wrong values are refused, by name, while they
    // are written into the page.
    const layout = JSON.parse(text) as WindowLayout;
    formatWindow(layout, page0);
    sizeBytes = layout.sizeBytes;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new LayoutError('layoutFromJson', `not a layout: ${reason}`, { cause: error });
  }
  return parseWindow(page0, sizeBytes);
}
