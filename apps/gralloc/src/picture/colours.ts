// One colour a process: Okabe and Ito's palette, which people with any colour vision tell apart. Processes take colours in
// the order of their pids, so the same processes look the same in every picture, and no two of the first seven alike.

const palette = ['#56b4e9', '#e69f00', '#009e73', '#cc79a7', '#f0e442', '#0072b2', '#d55e00'] as const;

export interface Colour {
  readonly fill: string;
  /** Of the same hue: edges, which also mark runs too small for a fill. */
  readonly edge: string;
  /** Of text on the fill. */
  readonly ink: string;
}

/** By pid. The eighth process and those behind it get paler colours, then all begin again. */
export function coloursOf(pids: Iterable<number>): ReadonlyMap<number, Colour> {
  const sorted = [...new Set(pids)].sort((a, b) => a - b);
  return new Map(sorted.map((pid, rank) => [pid, colourOf(rank)]));
}

function colourOf(rank: number): Colour {
  const base = channels(palette[rank % palette.length] ?? palette[0]);
  const pale = Math.floor(rank / palette.length) % 2 === 1;
  const fill = pale ? mixed(base, 255, 0.5) : base;
  const [red = 0, green = 0, blue = 0] = fill;
  const luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  return {
    fill: hexColour(fill),
    edge: hexColour(mixed(fill, 0, 0.45)),
    ink: luminance > 115 ? '#000000' : '#ffffff',
  };
}

type Channels = readonly number[];

const channels = (colour: string): Channels =>
  [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));

const mixed = (from: Channels, to: number, share: number): Channels =>
  from.map((value) => Math.round(value + (to - value) * share));

const hexColour = (from: Channels): string =>
  `#${from.map((value) => value.toString(16).padStart(2, '0')).join('')}`;
