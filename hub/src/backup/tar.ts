/** A regular file in a tar archive. */
export interface TarFile {
  /** Path inside of the archive, with `/`. */
  readonly name: string;
  readonly sizeBytes: number;
  readonly mtimeMs: number;
}

/** Everything in a tar archive stands in blocks of this size. */
export const TAR_BLOCK_BYTES = 512;

/** What the classic header holds: names of 100 bytes, and sizes of eleven octal digits. */
const MAX_NAME_BYTES = 100;
const MAX_SIZE_BYTES = 0o77777777777;
/** Only the owner may read what is unpacked: the files hold hashes of secrets, and one token. */
const MODE = 0o600;

const TYPE = { file: '0', pax: 'x' } as const;

/**
 * The header blocks of a file (POSIX.1-1988 ustar). What does not fit stands in a pax header before it
 * (POSIX.1-2001), so that every `tar` reads the archive.
 */
export function tarHeader({ name, sizeBytes, mtimeMs }: TarFile): Buffer {
  const extra: Record<string, string> = {};
  if (Buffer.byteLength(name) > MAX_NAME_BYTES) extra.path = name;
  if (sizeBytes > MAX_SIZE_BYTES) extra.size = String(sizeBytes);
  const header = block(name, sizeBytes, mtimeMs, TYPE.file);
  if (Object.keys(extra).length === 0) return header;
  const records = Buffer.from(Object.entries(extra).map(paxRecord).join(''));
  return Buffer.concat([
    block('PaxHeader', records.length, mtimeMs, TYPE.pax),
    records,
    Buffer.alloc(paddingOf(records.length)),
    header,
  ]);
}

/** Zeros after a file of this size, up to the next block. */
export function paddingOf(sizeBytes: number): number {
  return (TAR_BLOCK_BYTES - (sizeBytes % TAR_BLOCK_BYTES)) % TAR_BLOCK_BYTES;
}

/** What an archive ends with. */
export const TAR_END = Buffer.alloc(2 * TAR_BLOCK_BYTES);

/** What a header block says; `type` is `other` for what these archives do not hold. */
export interface TarHeader {
  readonly name: string;
  readonly sizeBytes: number;
  readonly type: 'file' | 'pax' | 'other';
}

/**
 * Reads a header block; null for a block of zeros, which ends the archive.
 * @throws RangeError when it is none
 */
export function readTarHeader(header: Buffer): TarHeader | null {
  if (header.every((byte) => byte === 0)) return null;
  const text = (from: number, bytes: number) =>
    header
      .subarray(from, from + bytes)
      .toString()
      .replace(/\0.*$/s, '');
  if (Number.parseInt(text(148, 8), 8) !== checksum(header)) throw new RangeError('not a tar header');
  const sizeBytes = Number.parseInt(text(124, 12), 8);
  if (!Number.isSafeInteger(sizeBytes)) throw new RangeError('a tar header without a size');
  const flag = text(156, 1);
  const type = flag === TYPE.pax ? 'pax' : flag === TYPE.file || flag === '' ? 'file' : 'other';
  return { name: text(0, MAX_NAME_BYTES), sizeBytes, type };
}

/** The records of a pax header. @throws RangeError */
export function readPax(content: Buffer): ReadonlyMap<string, string> {
  const records = new Map<string, string>();
  for (let at = 0; at < content.length; ) {
    const blank = content.indexOf(' ', at);
    const bytes = Number(content.subarray(at, blank).toString());
    if (blank < 0 || !Number.isInteger(bytes) || bytes < blank - at + 3)
      throw new RangeError('a bad pax header');
    const [, key = '', value = ''] =
      /^([^=]*)=(.*)\n$/s.exec(content.subarray(blank + 1, at + bytes).toString()) ?? [];
    records.set(key, value);
    at += bytes;
  }
  return records;
}

/** `<length> <key>=<value>\n`, where the length counts itself. */
function paxRecord([key, value]: [string, string]): string {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let bytes = rest + 1;
  while (String(bytes).length + rest !== bytes) bytes++;
  return `${bytes} ${key}=${value}\n`;
}

function block(name: string, sizeBytes: number, mtimeMs: number, type: string): Buffer {
  const header = Buffer.alloc(TAR_BLOCK_BYTES);
  const octal = (value: number, digits: number) => value.toString(8).padStart(digits, '0');
  Buffer.from(name).copy(header, 0, 0, MAX_NAME_BYTES);
  header.write(`${octal(MODE, 7)}\0`, 100);
  header.write(`${octal(0, 7)}\0`, 108);
  header.write(`${octal(0, 7)}\0`, 116);
  header.write(`${octal(Math.min(sizeBytes, MAX_SIZE_BYTES), 11)}\0`, 124);
  header.write(`${octal(Math.floor(mtimeMs / 1_000), 11)}\0`, 136);
  header.write(type, 156);
  header.write('ustar\x0000', 257, 'latin1');
  header.write(`${octal(checksum(header), 6)}\0 `, 148);
  return header;
}

/** The sum of all bytes, its own eight counted as blanks. */
function checksum(header: Buffer): number {
  return header.reduce((sum, byte, at) => sum + (at >= 148 && at < 156 ? 0x20 : byte), 0);
}
