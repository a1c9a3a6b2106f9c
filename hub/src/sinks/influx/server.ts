import type { FastifyBaseLogger } from 'fastify';
import type { InfluxRollups } from '../../state/influx-rollups.js';
import type { InfluxClient } from './client.js';
import type { Fields } from './fields.js';
import { InfluxError, sinkErrorOf } from './influx-error.js';
import { identifier } from './quoting.js';
import type { Range, Ranges } from './ranges.js';
import { RollupLedger } from './rollup-ledger.js';
import { continuousQuery, type Statement } from './rollup-statements.js';
import { ROLLUP_UNITS, type RollupUnit, rollupPolicy } from './rollup-unit.js';
import { Rollups } from './rollups.js';
import { ensurePolicy, type Policy, readPolicies } from './schema-policies.js';
import { ensureContinuousQueries } from './schema-rollups.js';
import { askKind, type InfluxServer } from './server-kind.js';
import type { WrittenRange } from './written-ranges.js';

export type { InfluxServer } from './server-kind.js';

/** What the configuration asks for. Durations in ms; Infinity for ever. */
export interface InfluxWishes {
  /** For measurements that do not state it themselves; null leaves the database's default policy as it is. */
  readonly rawMs: number | null;
  /** For measurements that do: raw readings go to a policy of their own. */
  readonly rawMsOf: ReadonlyMap<string, number>;
  /** null for no rollups. */
  readonly rollups: Readonly<Record<RollupUnit, number>> | null;
}

export interface InfluxAdminOptions {
  readonly client: InfluxClient;
  readonly wishes: InfluxWishes;
  readonly records: InfluxRollups;
  readonly fields: Pick<Fields, 'ofMeasurement' | 'measurements'>;
  readonly log: Pick<FastifyBaseLogger, 'info' | 'warn'>;
  readonly now: () => number;
  /** How often rollups are looked after. */
  readonly tickMs?: number;
}

const NO_RIGHTS =
  'The user of influx.username needs the right to make retention policies (GRANT ALL PRIVILEGES TO it), or somebody ' +
  'who has it starts the hub once; without influx.retentionDays, and retention in profiles, it needs less.';
const NO_ROLLUPS =
  'the user of InfluxDB has no right to make retention policies and continuous queries: there are no rollups, and long ' +
  'ranges are read from the raw readings. GRANT ALL PRIVILEGES TO it, or set influx.rollups to false';

function lacksRights(error: unknown): error is InfluxError {
  return error instanceof InfluxError && error.kind === 'credentials';
}

/** Makes what the hub needs in InfluxDB, keeps its rollups true, and knows what it is talking to. */
export class InfluxAdmin {
  readonly #options: InfluxAdminOptions;
  readonly #ledger: RollupLedger;
  readonly #rollups: Rollups;
  #server: InfluxServer | null = null;
  #opening: Promise<InfluxServer> | null = null;
  #policies: readonly Policy[] = [];
  /** Names of the continuous queries that are there. */
  #made = '';
  #warned = new Set<string>();
  #hasRollups = false;

  constructor(options: InfluxAdminOptions) {
    const { client, records, fields, log, now, tickMs } = options;
    this.#options = options;
    this.#ledger = new RollupLedger(records);
    this.#rollups = new Rollups({
      ...{ client, fields, log, now },
      ...(tickMs === undefined ? {} : { tickMs }),
      ledger: this.#ledger,
      measurements: () => fields.measurements(),
      prepare: () => this.#renewQueries(),
      restore: () => this.open(),
      policiesOf: (measurement) => this.policiesOf(measurement),
      rawSince: (measurement) => this.rawSince(measurement),
      minutesSince: () => this.rollupSince('1m'),
    });
  }

  /** What answered at the last `open`; null before the first one that did not fail. */
  get server(): InfluxServer | null {
    return this.#server;
  }

  /**
   * Asks the server what it is, and makes what is not there: database, retention policies, rollups. May be called
   * again at any time, such as after the database was deleted; calls at the same time are one.
   * @throws SinkError `network`, `overload`, `credentials` (also for missing rights)
   */
  open(): Promise<InfluxServer> {
    this.#opening ??= this.#open().finally(() => {
      this.#opening = null;
    });
    return this.#opening;
  }

  /** As {@link open}, unless that was done. */
  ready(): Promise<InfluxServer> {
    return this.#server === null ? this.open() : Promise.resolve(this.#server);
  }

  /** The retention policy that readings of a measurement are written to; undefined for the database's default. */
  retentionPolicyOf(measurement: string): string | undefined {
    const isMade = this.#server?.kind === 'influxdb-1' && this.#options.wishes.rawMsOf.has(measurement);
    return isMade ? rawPolicy(measurement) : undefined;
  }

  /**
   * The policies that may hold raw readings of a measurement: its own, and the default, where readings from before it
   * had its own are. Empty where the server has none.
   */
  policiesOf(measurement: string): readonly string[] {
    const own = rawPolicy(measurement);
    return this.#policies
      .filter(({ name, isDefault }) => isDefault || name === own)
      .map(({ name }) => name)
      .sort();
  }

  /** Raw readings before it may be gone; ms since 1970, −Infinity where they stay for ever. */
  rawSince(measurement: string): number {
    const policies = this.policiesOf(measurement);
    const durations = this.#policies.filter(({ name }) => policies.includes(name)).map((p) => p.durationMs);
    return this.#options.now() - Math.min(Number.POSITIVE_INFINITY, ...durations);
  }

  /** Rows of a rollup before it may be gone; ms since 1970. Infinity where there is no such rollup. */
  rollupSince(unit: RollupUnit): number {
    if (!this.#hasRollups) return Number.POSITIVE_INFINITY;
    const policy = this.#policies.find(({ name }) => name === rollupPolicy(unit));
    return policy === undefined ? Number.POSITIVE_INFINITY : this.#options.now() - policy.durationMs;
  }

  /** The parts of a range in which a rollup does not hold, or not yet, what the raw readings hold. */
  untrusted(measurement: string, unit: RollupUnit, within: Range): Ranges {
    return this.#ledger.untrusted(measurement, unit, within);
  }

  /**
   * To be told of every write, once it was confirmed and before it is taken as done. Late readings put the rollups to
   * work. Durable when it returns.
   */
  written(measurement: string, ranges: readonly WrittenRange[]): void {
    this.#ledger.written(measurement, ranges);
  }

  /** Does what is due for the rollups now, and not only at the next tick. */
  async tidy(): Promise<void> {
    await this.#rollups.pass();
  }

  async close(): Promise<void> {
    const ended = this.#rollups.close();
    this.#options.client.close();
    await ended;
  }

  async #open(): Promise<InfluxServer> {
    try {
      const server = await askKind(this.#options.client);
      if (server.kind === 'influxdb-1') await this.#prepare();
      else if (server.kind !== 'victoriametrics') await this.#tryDatabase();
      if (server.kind === 'influxdb-3') this.#options.client.askOneByOne();
      this.#server = server;
      this.#tell(server);
      if (this.#hasRollups) this.#rollups.start();
      return server;
    } catch (error) {
      throw sinkErrorOf(error);
    }
  }

  async #prepare(): Promise<void> {
    const { client, records, wishes } = this.#options;
    if (this.#server === null) this.#ledger.open();
    let found = await this.#existing();
    if (found === null) {
      await client.query(`CREATE DATABASE ${identifier(client.target.database)}`);
      found = await readPolicies(client);
      for (const { name } of found) records.made(name);
      this.#ledger.clear();
    }
    try {
      await this.#prepareRaw(found);
    } catch (error) {
      if (!lacksRights(error)) throw error;
      throw new InfluxError('credentials', `${error.message}. ${NO_RIGHTS}`);
    }
    this.#hasRollups = wishes.rollups !== null && (await this.#prepareRollups(found, wishes.rollups));
    this.#policies = await readPolicies(client);
    if (this.#hasRollups) return;
    if (wishes.rollups === null) await ensureContinuousQueries(client, []);
    // What is written from now on is in no rollup.
    this.#ledger.clear();
  }

  /** The policies, or null when there is no database. */
  async #existing(): Promise<Policy[] | null> {
    try {
      return await readPolicies(this.#options.client);
    } catch (error) {
      if (error instanceof InfluxError && error.kind === 'missing') return null;
      throw error;
    }
  }

  async #ensure(found: readonly Policy[], name: string, durationMs: number) {
    const { client, records } = this.#options;
    const named = found.find((policy) => policy.name === name);
    const done = await ensurePolicy(client, records, named, { name, durationMs });
    if (done === 'left') this.#warnOfPolicy(name);
    return done;
  }

  async #prepareRaw(found: readonly Policy[]): Promise<void> {
    const { wishes } = this.#options;
    const ownDefault = found.find(({ isDefault }) => isDefault);
    if (wishes.rawMs !== null && ownDefault !== undefined)
      await this.#ensure(found, ownDefault.name, wishes.rawMs);
    for (const [measurement, durationMs] of wishes.rawMsOf) {
      await this.#ensure(found, rawPolicy(measurement), durationMs);
    }
  }

  /**
   * Readings do not depend on rollups: a user who may only write and read goes without them, and is told.
   * @returns whether there are rollups now
   */
  async #prepareRollups(
    found: readonly Policy[],
    wanted: Readonly<Record<RollupUnit, number>>,
  ): Promise<boolean> {
    const { client, log } = this.#options;
    try {
      for (const unit of ROLLUP_UNITS) {
        const done = await this.#ensure(found, rollupPolicy(unit), wanted[unit]);
        if (done === 'made') this.#ledger.clear();
      }
      this.#policies = await readPolicies(client);
      await this.#makeQueries();
      return true;
    } catch (error) {
      if (!lacksRights(error)) throw error;
      if (!this.#warned.has(NO_ROLLUPS)) log.warn({ reason: error.message }, NO_ROLLUPS);
      this.#warned.add(NO_ROLLUPS);
      return false;
    }
  }

  #warnOfPolicy(policy: string): void {
    this.#options.log.warn(
      { policy, database: this.#options.client.target.database },
      'this retention policy keeps readings for longer than the configuration says. The hub did not make it, and does ' +
        'not shorten it: ALTER RETENTION POLICY does',
    );
  }

  /** The continuous queries of all measurements that have fields. */
  #queries(): Statement[] {
    const { client, fields } = this.#options;
    const { database } = client.target;
    return [...fields.measurements()].flatMap((measurement) => {
      const of = fields.ofMeasurement(measurement);
      const policies = this.policiesOf(measurement);
      if (of.length === 0) return [];
      return ROLLUP_UNITS.map((unit) => continuousQuery({ database, measurement, unit, policies }, of));
    });
  }

  async #makeQueries(): Promise<void> {
    const queries = this.#queries();
    await ensureContinuousQueries(this.#options.client, queries);
    this.#made = queries.map(({ name }) => name).join('\n');
  }

  /** Makes the continuous queries of fields and measurements that came up since. */
  async #renewQueries(): Promise<void> {
    const wanted = this.#queries().map(({ name }) => name);
    if (!this.#hasRollups || wanted.join('\n') === this.#made) return;
    try {
      await this.#makeQueries();
    } catch (error) {
      // Without them the hub itself makes the rollups.
      this.#options.log.warn({ err: error }, 'continuous queries cannot be made now');
    }
  }

  /** Versions 2 and 3 make their buckets elsewhere: the first write says whether it is there. */
  async #tryDatabase(): Promise<void> {
    const { client } = this.#options;
    try {
      await client.query(`CREATE DATABASE ${identifier(client.target.database)}`);
    } catch (error) {
      const isTold = error instanceof InfluxError && ['refused', 'missing', 'server'].includes(error.kind);
      if (!isTold) throw error;
    }
  }

  #tell({ kind, version }: InfluxServer): void {
    const { log, wishes } = this.#options;
    if (this.#warned.has(kind)) return;
    this.#warned.add(kind);
    log.info({ kind, version }, 'readings go to InfluxDB');
    if (kind === 'victoriametrics') {
      log.warn(
        'influx.url is VictoriaMetrics: readings are written, but texts are not kept, and it does not answer ' +
          "InfluxQL, so the hub's own history and its exports do not work. Leave influx.url out for a history in the hub",
      );
    } else if (kind !== 'influxdb-1' && (wishes.rollups !== null || wishes.rawMsOf.size > 0)) {
      log.info('retention and rollups are those of the bucket: the hub makes them on InfluxDB 1.x only');
    }
  }
}

/** The policy of a measurement that keeps its raw readings for a time of its own. */
function rawPolicy(measurement: string): string {
  return `raw_${measurement}`;
}
