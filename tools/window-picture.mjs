// A picture of a whole window in text: every region with its place, its tables and its data, to be read beside the
// struct tables. Made from a planned layout, so it shows what a server would format.
const frame = 60;

/**
 * @param layout what planWindow answers
 * @param {Map<string, {data: {cName: string, size: number}, tail?: {name: string}}>} definitions by region name
 * @param {(value: number) => string} hex
 * @returns {string} Markdown: one fenced block
 */
export function windowPicture(layout, definitions, hex) {
  const digits = hex(layout.sizeBytes).length;
  const line = (offset, text) => `${hex(offset).padStart(digits)} │ ${text.padEnd(frame)} │`;
  const rule = (left, right) => `${' '.repeat(digits)} ${left}${'─'.repeat(frame + 2)}${right}`;
  const rows = [rule('┌', '┐')];
  const recordsBytes = 16 + 60 * layout.regions.length;
  rows.push(
    line(0, `descriptor, ${layout.regions.length} region records (${recordsBytes} bytes of the first page)`),
  );
  for (const region of layout.regions) {
    rows.push(rule('├', '┤'), line(region.beginOffset, title(region, layout)));
    for (const [offset, text] of parts(region, definitions.get(region.name))) {
      rows.push(line(region.beginOffset + offset, `  +${hex(offset)} ${text}`));
    }
  }
  const end = layout.regions.at(-1).endOffset;
  rows.push(rule('├', '┤'), line(end, `not used (${size(layout.sizeBytes - end)})`), rule('└', '┘'));
  rows.push(`${hex(layout.sizeBytes).padStart(digits)}   end of the window, ${size(layout.sizeBytes)}`);
  return ['```text', ...rows, '```'].join('\n');
}

function title({ index, name, beginOffset, endOffset, managedBy }, layout) {
  const manager = managedBy === 0 ? '' : `, managed by ${layout.regions[managedBy].name}`;
  return `${index} ${name} (${size(endOffset - beginOffset)}${manager})`;
}

/** What lies in a region, in the order of its offsets. */
function parts(region, definition) {
  const table = (direction, { slotsOffset, slotCountLog2, interruptOffset }) => [
    [interruptOffset, `${direction} interrupt word`],
    [slotsOffset, `${direction} signal table, ${2 ** slotCountLog2} slots`],
  ];
  const { data, tail, tailOffset } = definition;
  return [
    ...table('guest→host', region.guestToHost),
    ...table('host→guest', region.hostToGuest),
    ...(data.size > 0 ? [[region.dataOffset, `${data.cName} (${size(data.size)})`]] : []),
    ...(tail ? [[region.dataOffset + tailOffset, `${tail.name}, to the end of the region`]] : []),
  ].sort(([a], [b]) => a - b);
}

function size(bytes) {
  if (bytes >= 2 ** 20 && bytes % 2 ** 20 === 0) return `${bytes / 2 ** 20} MiB`;
  return bytes >= 1024 && bytes % 1024 === 0 ? `${bytes / 1024} KiB` : `${bytes} B`;
}
