import { integer, text } from '../state/column.js';
import type { Change } from '../state/connection.js';
import type { StateFile } from '../state/state-file.js';

/** Of more networks of one user than this, the one is forgotten from which they have not come for the longest time. */
const MAX_PER_USER = 16;
/** A later visit is written at most this often. */
const WRITE_EVERY_MS = 86_400_000;

const columns = { user: text('user'), network: text('network'), lastAt: integer('last_at') };

/** From which networks each user has logged in. In memory, in step with the state file. */
export class KnownNetworks {
  /** By user; the one not used for the longest time first. */
  readonly #networks = new Map<string, Map<string, number>>();
  readonly #put: Change;
  readonly #delete: Change;

  private constructor(state: StateFile) {
    this.#put = state.change(
      'INSERT OR REPLACE INTO user_networks (user, network, last_at) VALUES (?, ?, ?)',
    );
    this.#delete = state.change('DELETE FROM user_networks WHERE user = ? AND network = ?');
  }

  static open(state: StateFile): KnownNetworks {
    const known = new KnownNetworks(state);
    for (const { user, network, lastAt } of state
      .select(columns, 'FROM user_networks ORDER BY last_at')
      .all()) {
      known.#of(user).set(network, lastAt);
    }
    return known;
  }

  has(user: string, network: string): boolean {
    return this.#networks.get(user)?.has(network) === true;
  }

  /** Somebody has logged in; within a transaction of the state file. */
  add(user: string, network: string, nowMs: number): void {
    const networks = this.#of(user);
    const before = networks.get(network);
    if (before !== undefined && nowMs - before < WRITE_EVERY_MS) return;
    this.#put.run(user, network, nowMs);
    networks.delete(network);
    const [oldest] = networks.keys();
    if (oldest !== undefined && networks.size >= MAX_PER_USER) {
      this.#delete.run(user, oldest);
      networks.delete(oldest);
    }
    networks.set(network, nowMs);
  }

  /** The user is gone, and the file has forgotten them by itself. */
  forget(user: string): void {
    this.#networks.delete(user);
  }

  #of(user: string): Map<string, number> {
    const networks = this.#networks.get(user) ?? new Map<string, number>();
    this.#networks.set(user, networks);
    return networks;
  }
}
