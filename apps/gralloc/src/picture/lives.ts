// Lives over time: x is when, y is where. A life is a rectangle from its allocation to its end, open on the side where it
// reaches beyond the watch.
import { hex } from '@vsoc/vsoc/layout';
import { type Area, sizeOf } from '../areas.js';
import type { Life, Recording } from '../statistics/lives.js';
import { bytesText, countText, durationText } from '../statistics/text.js';
import type { Colours } from './map.js';
import { freeFill } from './map.js';
import type { Rectangle } from './rows.js';
import { element, faintInk, short, text, textWidth } from './svg.js';

export interface ChartPlace {
  readonly frame: Rectangle;
  readonly colours: Colours;
  readonly legendX: number;
}

/** A page of a large memory, and a life of one look, are still to be seen. */
const leastHeight = 3;
const leastWidth = 3;

export function livesChart(
  recording: Recording,
  space: Area,
  { frame, colours, legendX }: ChartPlace,
): string {
  const reach = reachOf(recording, space);
  const placed = recording.lives.map((life) => ({ life, place: placeOf(life, recording, { reach, frame }) }));
  // Thin ones are drawn thicker than they are: on top, or they would be hidden.
  placed.sort((a, b) => b.place.height - a.place.height);
  const parts = [
    text('Lives of buffers', frame.x, frame.y - 18, { size: 14, weight: 'bold' }),
    element('rect', { ...frame, fill: freeFill }),
    ...timeAxis(recording, frame),
    ...offsetAxis(reach, frame),
    ...placed.map(({ life, place }) => lifeShape(life, place, colours)),
    ...figures(recording, legendX, frame.y),
  ];
  return element('g', { class: 'lives' }, parts.join('\n'));
}

interface LifePlace extends Rectangle {
  /** Began before the watch, or goes on after it. */
  readonly openLeft: boolean;
  readonly openRight: boolean;
}

function placeOf(
  { area, begunNs, endedNs }: Life,
  recording: Recording,
  { reach, frame }: { readonly reach: Area; readonly frame: Rectangle },
): LifePlace {
  const lastedNs = Number(recording.endedNs - recording.begunNs) || 1;
  const xOf = (ns: bigint) =>
    frame.x + (Math.min(Math.max(Number(ns - recording.begunNs), 0), lastedNs) / lastedNs) * frame.width;
  const yOf = (offset: number) => frame.y + ((offset - reach.beginOffset) / sizeOf(reach)) * frame.height;
  const right = xOf(endedNs ?? recording.endedNs);
  const x = Math.max(frame.x, Math.min(xOf(begunNs), right - leastWidth));
  const height = Math.max(leastHeight, yOf(area.endOffset) - yOf(area.beginOffset));
  const y = Math.min(yOf(area.beginOffset), frame.y + frame.height - height);
  const openLeft = begunNs < recording.begunNs;
  return { x, y, width: Math.max(leastWidth, right - x), height, openLeft, openRight: endedNs === undefined };
}

function lifeShape({ entry, generation, clientPid }: Life, place: LifePlace, colours: Colours): string {
  const { x, y, width, height, openLeft, openRight } = place;
  const colour = colours.get(clientPid);
  if (!colour) throw new RangeError(`process ${clientPid} has no colour`);
  const right = short(x + width);
  const bottom = short(y + height);
  const edges = [
    `M${short(x)} ${short(y)}H${right}M${short(x)} ${bottom}H${right}`,
    openLeft ? '' : `M${short(x)} ${short(y)}V${bottom}`,
    openRight ? '' : `M${right} ${short(y)}V${bottom}`,
  ];
  const name = `${entry}·${generation}`;
  const style = { size: Math.min(12, Math.floor(height - 2)), fill: colour.ink, anchor: 'middle' } as const;
  const fits = style.size >= 8 && textWidth(name, style) + 6 <= width;
  const parts = [
    element('rect', { x, y, width, height, fill: colour.fill }),
    element('path', { d: edges.join(''), stroke: colour.edge, fill: 'none' }),
    fits ? text(name, x + width / 2, y + height / 2, style) : '',
  ];
  const names = { class: 'life', 'data-entry': entry, 'data-generation': generation };
  return element('g', names, parts.join(''));
}

function timeAxis({ begunNs, endedNs }: Recording, frame: Rectangle): string[] {
  const lastedS = Number(endedNs - begunNs) / 1e9;
  if (lastedS <= 0) return [];
  const stepS = roundStep(lastedS / 8);
  const style = { size: 11, fill: faintInk, anchor: 'middle' } as const;
  const bottom = frame.y + frame.height;
  return Array.from({ length: Math.floor(lastedS / stepS) + 1 }, (_, index) => {
    const x = frame.x + ((index * stepS) / lastedS) * frame.width;
    const line = element('line', { x1: x, x2: x, y1: frame.y, y2: bottom + 5, stroke: '#d3d9df' });
    return line + text(`${short(index * stepS)} s`, x, bottom + 16, style);
  });
}

/** 1, 2 or 5 times a power of ten, not below `least`. */
function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return power * ([1, 2, 5].find((factor) => factor * power >= least) ?? 10);
}

/** What the lives took of the space: what stayed free all the time has the map to be seen on. */
function reachOf({ lives }: Recording, { beginOffset, endOffset }: Area): Area {
  const reached = lives.reduce((most, { area }) => Math.max(most, area.endOffset), 0);
  return { beginOffset, endOffset: reached > beginOffset ? reached : endOffset };
}

function offsetAxis(reach: Area, frame: Rectangle): string[] {
  const style = { size: 11, fill: faintInk, anchor: 'end' } as const;
  const stepBytes = 2 ** Math.ceil(Math.log2(sizeOf(reach) / 5));
  return Array.from({ length: Math.ceil(sizeOf(reach) / stepBytes) }, (_, index) => {
    const y = frame.y + ((index * stepBytes) / sizeOf(reach)) * frame.height;
    const tick = { x1: frame.x - 6, x2: frame.x, y1: y + 0.5, y2: y + 0.5, stroke: faintInk };
    return (
      element('line', tick) + text(hex(reach.beginOffset + index * stepBytes), frame.x - 10, y + 5, style)
    );
  });
}

function figures({ lives, looks, begunNs, endedNs }: Recording, x: number, y: number): string[] {
  const ended = lives.filter((life) => life.endedNs !== undefined);
  const durations = ended.map((life) => (life.endedNs ?? 0n) - life.begunNs).sort((a, b) => Number(a - b));
  const middle = durations[durations.length >> 1];
  const bytes = lives.reduce((total, { area }) => total + area.endOffset - area.beginOffset, 0);
  const lines = [
    `watched ${durationText(endedNs - begunNs)}, ${countText(looks, 'look')}`,
    `${countText(lives.length, 'life', 'lives')}, ${bytesText(bytes)} in all`,
    `${ended.length} ended, ${lives.length - ended.length} go on`,
    ...(middle === undefined ? [] : [`median of those that ended: ${durationText(middle)}`]),
  ];
  return lines.map((line, index) => text(line, x, y + 8 + index * 20, { size: 12, fill: faintInk }));
}
