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
  return parseWindow(page0, formatted(text, page0));
}

/** Any shape may stand in the file: what is missing or wrong is refused, by name, while it is written into the page. */
function formatted(text: string, page0: Uint8Array): number {
  try {
    const layout = JSON.parse(text) as WindowLayout;
    formatWindow(layout, page0);
    checkOrder(layout);
    return layout.sizeBytes;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new LayoutError('layoutFromJson', `not a layout: ${reason}`, { cause: error });
  }
}

// The order is what counts; an index that says otherwise shows that somebody moved regions around by hand.
function checkOrder({ regions }: WindowLayout): void {
  for (const [expected, { index, name }] of regions.entries()) {
    if (index !== expected) throw new RangeError(`region ${name}: expected index ${expected}, saw ${index}`);
  }
}
