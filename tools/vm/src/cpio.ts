// Writes cpio archives in the "newc" form, which the kernel unpacks as its first root file system. Archives may stand
// one behind the other, so what never changes can be cached apart from what does.

export interface ArchiveEntry {
  /** Path without a leading slash; its folders must come before it. */
  readonly path: string;
  readonly mode: number;
  readonly content: Uint8Array;
}

export const fileType = { folder: 0o040000, file: 0o100000, link: 0o120000, device: 0o020000 } as const;

const magic = '070701';
const trailer = 'TRAILER!!!';
const align = (bytes: number) => (4 - (bytes % 4)) % 4;

/** One archive with its trailer, a multiple of 4 bytes long. */
export function writeArchive(entries: readonly ArchiveEntry[]): Uint8Array {
  const nothing = new Uint8Array(0);
  const all = [...entries, { path: trailer, mode: 0, content: nothing }];
  return Buffer.concat(all.flatMap((entry, index) => writeEntry(entry, index + 1)));
}

function writeEntry({ path, mode, content }: ArchiveEntry, inode: number): Buffer[] {
  const name = Buffer.from(`${path}\0`);
  // inode, mode, uid, gid, links, time, size, device numbers of the file and of what it stands for, name, check sum
  const numbers = [inode, mode, 0, 0, 1, 0, content.byteLength, 0, 0, 0, 0, name.byteLength, 0];
  const head = magic + numbers.map((number) => number.toString(16).padStart(8, '0').toUpperCase()).join('');
  const start = Buffer.concat([Buffer.from(head), name]);
  return [
    start,
    Buffer.alloc(align(start.byteLength)),
    Buffer.from(content),
    Buffer.alloc(align(content.byteLength)),
  ];
}

export function folders(...paths: string[]): ArchiveEntry[] {
  const content = new Uint8Array(0);
  return paths.map((path) => ({ path, mode: fileType.folder | 0o755, content }));
}

export function link(path: string, target: string): ArchiveEntry {
  return { path, mode: fileType.link | 0o777, content: Buffer.from(target) };
}

export function file(path: string, content: Uint8Array, permissions = 0o644): ArchiveEntry {
  return { path, mode: fileType.file | permissions, content };
}
