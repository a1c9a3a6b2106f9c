import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { FieldlineError } from '../errors.js';

/** What one hash costs (RFC 7914): memory is 128 · r · 2^logN bytes, time grows with p as well. */
export interface HashCost {
  readonly logN: number;
  readonly r: number;
  readonly p: number;
}

/** 32 MiB, some 200 ms: what OWASP's cheat sheet on password storage gives, and what a Raspberry Pi can bear. */
export const HASH_COST: HashCost = { logN: 15, r: 8, p: 3 };

/** In characters, as people count them. */
const MIN_LENGTH = 12;
const MAX_BYTES = 256;
const SALT_BYTES = 16;
const HASH_BYTES = 32;

const derive = promisify<string, Buffer, number, object, Buffer>(scrypt);

/**
 * Checks a new password. Length is all that is asked for: rules about digits and signs make worse passwords
 * (NIST SP 800-63B §5.1.1.2).
 * @throws FieldlineError `bad_password` 422
 */
export function checkPassword(password: string, username: string): void {
  const written = password.normalize('NFC');
  if ([...written].length < MIN_LENGTH) throw bad(`has at least ${MIN_LENGTH} characters`);
  if (Buffer.byteLength(written) > MAX_BYTES) throw bad(`has at most ${MAX_BYTES} bytes`);
  if (written.toLowerCase() === username.toLowerCase()) throw bad('is not the user name');
}

/** The hash to be kept: `$scrypt$ln=15,r=8,p=3$<salt>$<hash>`, with the cost that it was made with. */
export async function hashPassword(password: string, cost = HASH_COST): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  return written(cost, salt, await hash(password, salt, cost));
}

/** Whether this is the password. Takes as long as the cost of `kept` says, in constant time otherwise. */
export async function isPassword(password: string, kept: string): Promise<boolean> {
  const { cost, salt, expected } = read(kept);
  return timingSafeEqual(await hash(password, salt, cost), expected);
}

/** What no password fits, at the cost of a hash that one does: for user names that do not exist. */
export function nobodysHash(cost = HASH_COST): string {
  return written(cost, randomBytes(SALT_BYTES), randomBytes(HASH_BYTES));
}

/** Whether the hash was made at another cost than this. */
export function isOutdated(kept: string, cost: HashCost): boolean {
  const { logN, r, p } = read(kept).cost;
  return logN !== cost.logN || r !== cost.r || p !== cost.p;
}

/** One spelling for what looks the same: keyboards differ in how they compose letters (RFC 8265 §4.2). */
function hash(password: string, salt: Buffer, { logN, r, p }: HashCost): Promise<Buffer> {
  const N = 2 ** logN;
  return derive(password.normalize('NFC'), salt, HASH_BYTES, { N, r, p, maxmem: 256 * r * N });
}

function written({ logN, r, p }: HashCost, salt: Buffer, hashed: Buffer): string {
  return `$scrypt$ln=${logN},r=${r},p=${p}$${salt.toString('base64url')}$${hashed.toString('base64url')}`;
}

function read(kept: string): { cost: HashCost; salt: Buffer; expected: Buffer } {
  const found = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([\w-]+)\$([\w-]{43})$/.exec(kept);
  if (found === null)
    throw new FieldlineError('state_damaged', 'A password hash is damaged.', { status: 503 });
  const [, logN, r, p, salt = '', hashed = ''] = found;
  return {
    cost: { logN: Number(logN), r: Number(r), p: Number(p) },
    salt: Buffer.from(salt, 'base64url'),
    expected: Buffer.from(hashed, 'base64url'),
  };
}

function bad(rule: string): FieldlineError {
  return new FieldlineError('bad_password', `This password will not do: a good one ${rule}.`, {
    status: 422,
  });
}
