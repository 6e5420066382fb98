// SVG as strings: the few elements that the picture is made of. Values are numbers and our own words; text is escaped all
// the same, so that nobody has to prove it.

export type Attributes = Readonly<Record<string, string | number | undefined>>;

export function element(name: string, attributes: Attributes, content?: string): string {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${escapeText(typeof value === 'number' ? short(value) : `${value}`)}"`)
    .join('');
  return content === undefined ? `<${name}${written}/>` : `<${name}${written}>${content}</${name}>`;
}

export interface TextStyle {
  readonly size: number;
  readonly fill?: string;
  readonly anchor?: 'start' | 'middle' | 'end';
  readonly weight?: 'bold';
}

/** `y` is the middle of the line: librsvg and browsers disagree about baselines, so it is computed here. */
export function text(content: string, x: number, y: number, style: TextStyle): string {
  const { size, fill = ink, anchor, weight } = style;
  const place = { x, y: y + size * 0.36 };
  return element(
    'text',
    { ...place, 'font-size': size, fill, 'text-anchor': anchor, 'font-weight': weight },
    escapeText(content),
  );
}

/** What DejaVu Sans, the widest of the usual fonts, takes: a label that fits here fits with the others. */
export const textWidth = (content: string, { size, weight }: TextStyle): number =>
  content.length * size * (weight ? 0.7 : 0.63);

export const ink = '#1f2933';
export const faintInk = '#67727e';
export const paper = '#ffffff';

/** At most three decimals, and no trailing zeros. */
export const short = (value: number): string => `${Number(value.toFixed(3))}`;

function escapeText(content: string): string {
  return content.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
