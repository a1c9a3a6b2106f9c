import { paddingOf, readPax, readTarHeader, TAR_BLOCK_BYTES } from './tar.js';

/** A file of an archive that is being read. `content` has to be read to its end before the next one is asked for. */
export interface TarEntry {
  readonly name: string;
  readonly sizeBytes: number;
  readonly content: AsyncIterable<Buffer>;
}

/** A pax header holds a path and a size; a longer one is damage. */
const MAX_PAX_BYTES = 64 * 1024;

/**
 * The files of a tar archive in their order.
 * @throws RangeError when it is none, or ends too early
 */
export async function* readTar(archive: AsyncIterable<Buffer>): AsyncGenerator<TarEntry> {
  const bytes = new Bytes(archive);
  let pax: ReadonlyMap<string, string> = new Map();
  for (;;) {
    const header = readTarHeader(await bytes.exactly(TAR_BLOCK_BYTES));
    // Whoever unpacks it finds out by its end whether all was right.
    if (header === null) return bytes.toEnd();
    if (header.type === 'pax') {
      if (header.sizeBytes > MAX_PAX_BYTES) throw new RangeError('a pax header that is too long');
      pax = readPax(await bytes.exactly(header.sizeBytes));
      await bytes.exactly(paddingOf(header.sizeBytes));
      continue;
    }
    const sizeBytes = Number(pax.get('size') ?? header.sizeBytes);
    const name = pax.get('path') ?? header.name;
    pax = new Map();
    if (header.type === 'file') yield { name, sizeBytes, content: bytes.next(sizeBytes) };
    else for await (const _ of bytes.next(sizeBytes));
    await bytes.exactly(paddingOf(sizeBytes));
  }
}

/** A stream of chunks, taken by the byte. */
class Bytes {
  readonly #chunks: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(chunks: AsyncIterable<Buffer>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  async exactly(count: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    for await (const part of this.next(count)) parts.push(part);
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
  }

  /** Reads what is left, and forgets it. */
  async toEnd(): Promise<void> {
    while (!(await this.#chunks.next()).done);
  }

  async *next(count: number): AsyncGenerator<Buffer> {
    for (let left = count; left > 0; ) {
      if (this.#rest.length === 0) {
        const { done, value } = await this.#chunks.next();
        if (done) throw new RangeError('the archive ends too early');
        this.#rest = value;
        continue;
      }
      const part = this.#rest.subarray(0, left);
      this.#rest = this.#rest.subarray(part.length);
      left -= part.length;
      yield part;
    }
  }
}
