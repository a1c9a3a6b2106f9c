import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * The tokens of simulated devices between runs: a JSON object from device id to token, for its owner's eyes
 * only (mode 0600).
 */
export class TokenFile {
  readonly path: string;
  readonly #tokens = new Map<string, string>();

  constructor(path: string) {
    this.path = path;
  }

  /** Reads the file; one that is not there yet is empty. @throws Error when it is not such a file */
  async open(): Promise<void> {
    let text: string;
    try {
      text = await readFile(this.path, 'utf8');
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return;
      throw error;
    }
    for (const [device, token] of Object.entries(parse(text, this.path))) this.#tokens.set(device, token);
  }

  get(device: string): string | undefined {
    return this.#tokens.get(device);
  }

  set(device: string, token: string): void {
    this.#tokens.set(device, token);
  }

  /** Writes the file whole, beside the old one, and then puts it in its place: a crash leaves one or the other. */
  async save(): Promise<void> {
    await mkdir(dirname(this.path), { recursive: true });
    const next = `${this.path}.${process.pid}.tmp`;
    await writeFile(next, `${JSON.stringify(Object.fromEntries(this.#tokens), null, 2)}\n`, { mode: 0o600 });
    await rename(next, this.path);
  }
}

function parse(text: string, path: string): Record<string, string> {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    throw new Error(`${path} is not JSON`, { cause: error });
  }
  if (!isTokens(content)) throw new Error(`${path} does not hold an object from device id to token`);
  return content;
}

function isTokens(content: unknown): content is Record<string, string> {
  if (typeof content !== 'object' || content === null || Array.isArray(content)) return false;
  return Object.values(content).every((token) => typeof token === 'string');
}
