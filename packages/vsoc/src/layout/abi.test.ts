/** The printed header against a C compiler, for both word sizes, and proof that the compiler would object. */
import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { abiHeader } from './index.js';

const header = abiHeader();

function compile(source: string, flag: string): void {
  const flags = [
    '-std=c11',
    '-Wall',
    '-Wextra',
    '-Werror',
    '-fsyntax-only',
    '-ffreestanding',
    flag,
    '-x',
    'c',
    '-',
  ];
  execFileSync('gcc', flags, { input: source, stdio: ['pipe', 'pipe', 'pipe'] });
}

const struct = (name: string) => `struct ${name}`;

/** Sizes, offsets and values as the interface's users know them; a C compiler judges the header by them. */
const facts: readonly string[] = [
  `sizeof(${struct('vsoc_shm_layout_descriptor')}) == 16`,
  `sizeof(${struct('vsoc_signal_table_layout')}) == 12`,
  `sizeof(${struct('vsoc_device_region')}) == 60`,
  `sizeof(${struct('fd_scoped_permission')}) == 16`,
  `sizeof(${struct('fd_scoped_permission_arg')}) == 20`,
  `sizeof(${struct('vsoc_cond_wait')}) == 32`,
  `offsetof(${struct('vsoc_device_region')}, host_to_guest_signal_table.interrupt_signalled_offset) == 36`,
  `offsetof(${struct('fd_scoped_permission_arg')}, perm.owned_value) == 12`,
  `offsetof(${struct('vsoc_cond_wait')}, reserved_1) == 28`,
  `sizeof(((${struct('vsoc_device_region')} *)0)->device_name) == VSOC_DEVICE_NAME_SZ`,
  'VSOC_REGION_FREE == 0 && VSOC_NODE_FREE == 0 && VSOC_REGION_WHOLE == 0',
  'VSOC_WAIT_IF_EQUAL == 1 && VSOC_WAIT_IF_EQUAL_TIMEOUT == 2',
  'VSOC_CREATE_FD_SCOPED_PERMISSION == 0x4010f500 && VSOC_GET_FD_SCOPED_PERMISSION == 0x8010f501',
  'VSOC_MAYBE_SEND_INTERRUPT_TO_HOST == 0xf502 && VSOC_WAIT_FOR_INCOMING_INTERRUPT == 0xf503',
  'VSOC_DESCRIBE_REGION == 0x803cf504 && VSOC_SELF_INTERRUPT == 0xf505',
  'VSOC_SEND_INTERRUPT_TO_HOST == 0xf506 && VSOC_COND_WAIT == 0xc020f507 && VSOC_COND_WAKE == 0xf508',
  'CURRENT_VSOC_LAYOUT_MAJOR_VERSION == 2 && CURRENT_VSOC_LAYOUT_MINOR_VERSION == 0',
];

test.each(['-m64', '-m32'])(
  'the header compiles with gcc %s and states the facts of the interface',
  (flag) => {
    compile(header + facts.map((fact) => `_Static_assert(${fact}, "${fact}");\n`).join(''), flag);
  },
);

test('each wrong size or offset is refused by the compiler', () => {
  const claims = [...header.matchAll(/_Static_assert\((.+) == (\d+),/g)];
  expect(claims.length).toBe(6 + 5 + 3 + 9 + 4 + 2 + 7);
  // The compiler goes on after a failed assertion, so one run judges all of them.
  const wrong = header.replace(
    /(_Static_assert\(.+ == )(\d+),/g,
    (_, claim, value) => `${claim}${Number(value) + 4},`,
  );
  let output = '';
  try {
    compile(wrong, '-m64');
  } catch (error) {
    output = String((error as { stderr: Buffer }).stderr);
  }
  expect(output.match(/static assertion failed/g)?.length).toBe(claims.length);
});

test('a field that moved is refused by the compiler', () => {
  const names: Record<string, string> = { begin: 'end', end: 'begin' };
  const swapped = header.replace(
    /(uint32_t region_)(begin|end)/g,
    (_, type, name) => `${type}${names[name]}`,
  );
  expect(swapped).not.toBe(header);
  expect(() => compile(swapped, '-m64')).toThrow(/offset of struct vsoc_device_region\.region_begin_offset/);
});
