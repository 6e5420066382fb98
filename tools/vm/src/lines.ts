// Lines out of a stream that a guest writes: none longer than a limit, none with control characters that could play
// tricks on a terminal.

/** A longer line is cut into pieces of this length. */
const limitCharacters = 16 * 1024;

/** Calls `onLine` for each line; the last one need not be ended. */
export function readLines(input: NodeJS.ReadableStream, onLine: (line: string) => void): void {
  let rest = '';
  const push = (line: string) => {
    for (let at = 0; at === 0 || at < line.length; at += limitCharacters) {
      onLine(printable(line.slice(at, at + limitCharacters)));
    }
  };
  input.setEncoding('utf8');
  input.on('error', () => {}); // the end of the machine tells
  input.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) push(line);
    if (rest.length >= limitCharacters) {
      push(rest);
      rest = '';
    }
  });
  input.on('end', () => {
    if (rest !== '') push(rest);
  });
}

/** Without escape sequences and other control characters; the tab stays. */
function printable(line: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return line.replace(/\x1b\[[0-9;?]*[A-Za-z]|\x1b|[\x00-\x08\x0b-\x1f\x7f-\x9f]/g, '');
}
