/** Names: camelCase in TypeScript, snake_case in C, the one derived from the other. */

const camelCase = /^[a-z][A-Za-z0-9]*$/;

export function snakeCase(name: string): string {
  if (!camelCase.test(name))
    throw new TypeError(`expected a camelCase name of [A-Za-z0-9], saw ${JSON.stringify(name)}`);
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** Names that C gets as they are. */
export function checkCName(name: string, what: string): void {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
    throw new TypeError(`${what}: expected a C identifier, saw ${JSON.stringify(name)}`);
  }
}
