import type { NewToken } from '@fieldline/protocol';
import type { Registry } from '../devices/registry.js';
import { FieldlineError } from '../errors.js';
import { integer, optionalInteger, optionalText, text } from '../state/column.js';
import type { Change } from '../state/connection.js';
import { Listeners } from '../state/listeners.js';
import type { StateFile } from '../state/state-file.js';
import { LastUsed } from './last-used.js';
import { hashOf, newId, newSecret } from './secret.js';
import { everyTick } from './ticker.js';
import { checkToken } from './token-input.js';
import { type TokenRecord, TokenTable } from './token-table.js';

/** Enough for a rotation and a few spare ones. */
const MAX_PER_DEVICE = 16;

/** What device tokens begin with. */
export const DEVICE_TOKEN_PREFIX = 'fld_';

interface DeviceToken extends TokenRecord {
  readonly device: string;
}

/** Whose token it is. The device may be disabled: then the caller turns it away with 403, not 401. */
export interface VerifiedDevice {
  readonly device: string;
  readonly tokenId: string;
  readonly disabled: boolean;
}

/** A token that is no longer good: revoked, expired, or gone with its device. */
export interface RevokedDeviceToken {
  readonly device: string;
  readonly tokenId: string;
}

const columns = {
  id: text('id'),
  device: text('device'),
  hash: text('hash'),
  name: optionalText('name'),
  createdAt: integer('created_at'),
  lastUsedAt: optionalInteger('last_used_at'),
  expiresAt: optionalInteger('expires_at'),
};

/** The secrets by which devices are known. Several of one device may live at once, so that they can be rotated. */
export class DeviceTokens {
  readonly #state: StateFile;
  readonly #registry: Registry;
  readonly #now: () => number;
  readonly #tokens = new TokenTable<DeviceToken>();
  readonly #ofDevice = new Map<string, Set<string>>();
  readonly #revoked = new Listeners<RevokedDeviceToken>();
  readonly #lastUsed: LastUsed;
  readonly #insert: Change;
  readonly #delete: Change;
  #stops: (() => void)[] = [];

  private constructor(state: StateFile, registry: Registry, now: () => number) {
    this.#state = state;
    this.#registry = registry;
    this.#now = now;
    this.#lastUsed = new LastUsed(
      state,
      state.change('UPDATE device_tokens SET last_used_at = ? WHERE id = ?'),
    );
    this.#insert = state.change(
      'INSERT INTO device_tokens (id, device, hash, name, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?)',
    );
    this.#delete = state.change('DELETE FROM device_tokens WHERE id = ?');
  }

  /** Reads all tokens and follows the registry, until {@link close}. */
  static open(
    state: StateFile,
    registry: Registry,
    { now = Date.now }: { now?: () => number } = {},
  ): DeviceTokens {
    const tokens = new DeviceTokens(state, registry, now);
    for (const row of state.select(columns, 'FROM device_tokens ORDER BY created_at, id').all())
      tokens.#hold(row);
    const stopWatching = registry.watch(({ kind, device }) => {
      if (kind === 'deleted') tokens.#forgetDevice(device.id);
    });
    tokens.#stops = [stopWatching, everyTick(() => tokens.tick())];
    return tokens;
  }

  /**
   * Makes a token. Only here is it ever shown.
   * @param also is done in the same transaction
   * @throws FieldlineError `device_not_found` 404, `too_many_tokens` 409, `bad_token` 422, those of the state file
   */
  create(
    device: string,
    options: NewToken = {},
    also: (record: TokenRecord) => void = () => {},
  ): { record: TokenRecord; token: string } {
    const { name = null, expiresAt = null } = options;
    checkToken(name, expiresAt, this.#now());
    if (!this.#registry.has(device)) {
      throw new FieldlineError('device_not_found', `There is no device ${device}.`, { status: 404 });
    }
    if ((this.#ofDevice.get(device)?.size ?? 0) >= MAX_PER_DEVICE) {
      const message = `The device ${device} has ${MAX_PER_DEVICE} tokens, which is the limit: revoke one first.`;
      throw new FieldlineError('too_many_tokens', message, { status: 409 });
    }
    const token = newSecret(DEVICE_TOKEN_PREFIX);
    const record = { id: newId(), name, createdAt: this.#now(), lastUsedAt: null, expiresAt };
    const hash = hashOf(token);
    this.#state.transaction(() => {
      this.#insert.run(record.id, device, hash, name, record.createdAt, expiresAt);
      also(record);
    });
    this.#hold({ ...record, device, hash });
    return { record, token };
  }

  /** The tokens of a device, oldest first; at most 16. */
  list(device: string): readonly TokenRecord[] {
    return [...(this.#ofDevice.get(device) ?? [])].flatMap((id) => {
      const held = this.#tokens.get(id);
      if (held === undefined) return [];
      const { name, createdAt, lastUsedAt, expiresAt } = held;
      return [{ id, name, createdAt, lastUsedAt, expiresAt }];
    });
  }

  /**
   * @param also is done in the same transaction
   * @throws FieldlineError `token_not_found` 404, and those of the state file
   */
  revoke(device: string, tokenId: string, also: () => void = () => {}): void {
    if (this.#tokens.get(tokenId)?.device !== device) {
      throw new FieldlineError('token_not_found', `The device ${device} has no token ${tokenId}.`, {
        status: 404,
      });
    }
    this.#state.transaction(() => {
      this.#delete.run(tokenId);
      also();
    });
    this.#drop(device, tokenId);
  }

  /** Whose token this is; undefined for one that is unknown, revoked or expired. Asks memory only. */
  verify(token: string): VerifiedDevice | undefined {
    const now = this.#now();
    const held = this.#tokens.use(token, now);
    if (held === undefined) return undefined;
    this.#lastUsed.note(held.id, now);
    const disabled = this.#registry.get(held.device)?.disabled ?? true;
    return { device: held.device, tokenId: held.id, disabled };
  }

  /** Tells `listener` of every token that is no longer good; returns the way to stop. It must not throw. */
  onRevoked(listener: (revoked: RevokedDeviceToken) => void): () => void {
    return this.#revoked.add(listener);
  }

  /** Lets expired tokens end and writes times of last use. Called by itself twice a second. */
  tick(): void {
    const now = this.#now();
    for (const { device, id } of this.#tokens.expired(now)) this.#revoked.tell({ device, tokenId: id });
    this.#lastUsed.flush(now);
  }

  /** Writes what waits. To be called before the state file is closed. */
  close(): void {
    for (const stop of this.#stops) stop();
    this.#stops = [];
    this.#lastUsed.flush(this.#now(), true);
  }

  #hold(token: DeviceToken & { hash: string }): void {
    this.#tokens.add(token);
    const siblings = this.#ofDevice.get(token.device) ?? new Set();
    siblings.add(token.id);
    this.#ofDevice.set(token.device, siblings);
  }

  #forgetDevice(device: string): void {
    for (const id of this.#ofDevice.get(device) ?? []) this.#drop(device, id);
    this.#ofDevice.delete(device);
  }

  #drop(device: string, tokenId: string): void {
    this.#tokens.remove(tokenId);
    this.#lastUsed.forget(tokenId);
    const siblings = this.#ofDevice.get(device);
    siblings?.delete(tokenId);
    if (siblings?.size === 0) this.#ofDevice.delete(device);
    this.#revoked.tell({ device, tokenId });
  }
}
