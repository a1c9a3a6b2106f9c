import { isProfileName, isText, type NewClaim } from '@fieldline/protocol';
import { FieldlineError } from '../errors.js';
import { flag, integer, json, optionalInteger, optionalText, text } from '../state/column.js';
import type { Change } from '../state/connection.js';
import type { StateFile } from '../state/state-file.js';
import { hashOf, newId, newSecret } from './secret.js';

/** What claim keys begin with. */
export const CLAIM_PREFIX = 'flc_';

/** A key by which new devices register themselves. Times in ms since 1970. */
export interface ClaimRecord {
  readonly id: string;
  readonly name: string | null;
  readonly profile: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly idPrefix: string;
  /** An operator has to let each device in. */
  readonly approval: boolean;
  /** A device that was there before may fetch a new token by itself. */
  readonly renew: boolean;
  readonly limit: number;
  /** Devices that came with it; those that wait are among them. */
  readonly used: number;
  readonly createdBy: string;
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly lastUsedAt: number | null;
}

type Held = ClaimRecord & { readonly hash: string };

const MAX_CLAIMS = 1_000;
const DAY_MS = 86_400_000;
const LONGEST_MS = 366 * DAY_MS;
const PREFIX_LENGTH = 32;

const columns = {
  id: text('id'),
  hash: text('hash'),
  name: optionalText('name'),
  profile: text('profile'),
  tags: json('tags'),
  idPrefix: text('id_prefix'),
  approval: flag('approval'),
  renew: flag('renew'),
  limit: integer('device_limit'),
  used: integer('used'),
  createdBy: text('created_by'),
  createdAt: integer('created_at'),
  expiresAt: integer('expires_at'),
  lastUsedAt: optionalInteger('last_used_at'),
};

/** Claim keys. All are in memory, in step with the state file; those that have ended stay until they are removed. */
export class Claims {
  readonly #state: StateFile;
  readonly #now: () => number;
  readonly #claims = new Map<string, Held>();
  readonly #insert: Change;
  readonly #count: Change;
  readonly #delete: Change;

  private constructor(state: StateFile, now: () => number) {
    this.#state = state;
    this.#now = now;
    this.#insert = state.change(
      `INSERT INTO claims (id, hash, name, profile, tags, id_prefix, approval, renew, device_limit, used,
         created_by, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?)`,
    );
    this.#count = state.change('UPDATE claims SET used = used + ?, last_used_at = ? WHERE id = ?');
    this.#delete = state.change('DELETE FROM claims WHERE id = ?');
  }

  /** Reads all claim keys. */
  static open(state: StateFile, { now = Date.now }: { now?: () => number } = {}): Claims {
    const claims = new Claims(state, now);
    for (const row of state.select(columns, 'FROM claims ORDER BY created_at, id').all()) {
      claims.#claims.set(row.id, { ...row, tags: row.tags as ClaimRecord['tags'] });
    }
    return claims;
  }

  /**
   * Makes a claim key. Only here is it ever shown. By default it is good for one device and one day.
   * @param also is done in the same transaction
   * @throws FieldlineError `bad_claim` 422, `too_many_claims` 409, and those of the state file
   */
  create(
    given: NewClaim,
    createdBy: string,
    also: (record: ClaimRecord) => void = () => {},
  ): { record: ClaimRecord; claim: string } {
    const now = this.#now();
    const { name = null, profile, tags = {}, approval = false, renew = false, limit = 1 } = given;
    const { expiresAt = now + DAY_MS, idPrefix = prefixOf(profile) } = given;
    if (!isProfileName(profile) || (name !== null && !isText(name))) throw bad('it needs a profile');
    if (expiresAt <= now || expiresAt > now + LONGEST_MS) {
      throw bad('expiresAt is a time in the future, at most a year ahead, in ms since 1970');
    }
    if (this.#claims.size >= MAX_CLAIMS) {
      const message = `There are ${MAX_CLAIMS} claim keys, which is the limit: remove old ones first.`;
      throw new FieldlineError('too_many_claims', message, { status: 409 });
    }
    const claim = newSecret(CLAIM_PREFIX);
    const record = { id: newId(), name, profile, tags, idPrefix, approval, renew, limit };
    const dated = { ...record, used: 0, createdBy, createdAt: now, expiresAt, lastUsedAt: null };
    const held: Held = { ...dated, hash: hashOf(claim) };
    this.#state.transaction(() => {
      const flags = [Number(approval), Number(renew)];
      const scope = [profile, JSON.stringify(tags), idPrefix, ...flags, limit];
      this.#insert.run(held.id, held.hash, name, ...scope, createdBy, now, expiresAt);
      also(recordOf(held));
    });
    this.#claims.set(held.id, held);
    return { record: recordOf(held), claim };
  }

  /** All claim keys, oldest first; at most 1,000. */
  list(): readonly ClaimRecord[] {
    return [...this.#claims.values()].map(recordOf);
  }

  get(id: string): ClaimRecord | undefined {
    const held = this.#claims.get(id);
    return held === undefined ? undefined : recordOf(held);
  }

  /** What this key stands for, also when it has expired. */
  find(key: string): ClaimRecord | undefined {
    const hash = hashOf(key);
    for (const held of this.#claims.values()) if (held.hash === hash) return recordOf(held);
    return undefined;
  }

  /**
   * Removes a claim key, and what waits for approval with it. Devices that came with it stay.
   * @param also is done in the same transaction
   * @throws FieldlineError `claim_not_found` 404, and those of the state file
   */
  revoke(id: string, also: () => void = () => {}): void {
    if (!this.#claims.has(id)) {
      throw new FieldlineError('claim_not_found', `There is no claim key ${id}.`, { status: 404 });
    }
    this.#state.transaction(() => {
      this.#delete.run(id);
      also();
    });
    this.#claims.delete(id);
  }

  /** One more device came with this key, or (`by` -1) was turned away. `work` is done in the same transaction. */
  count(id: string, by: 1 | -1, work: () => void): void {
    const lastUsedAt = this.#now();
    this.#state.transaction(() => {
      this.#count.run(by, lastUsedAt, id);
      work();
    });
    const held = this.#claims.get(id);
    if (held !== undefined) this.#claims.set(id, { ...held, used: held.used + by, lastUsedAt });
  }
}

function prefixOf(profile: string): string {
  return `${profile.replace(/[^A-Za-z0-9_-]/g, '-').slice(0, PREFIX_LENGTH - 1)}-`;
}

function recordOf({ hash: _, ...record }: Held): ClaimRecord {
  return record;
}

function bad(reason: string): FieldlineError {
  return new FieldlineError('bad_claim', `This claim key cannot be made: ${reason}.`, { status: 422 });
}
