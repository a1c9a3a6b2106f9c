import { isDeepStrictEqual } from 'node:util';
import { type ConfigReport, LIMITS, utf8Length } from '@fieldline/protocol';
import type { FastifyBaseLogger } from 'fastify';
import type { Actor } from '../commands/ledger.js';
import type { CommandLink } from '../commands/link.js';
import type { GivenParams } from '../commands/params.js';
import { FieldlineError } from '../errors.js';
import { type Audit, auditName } from '../state/audit.js';
import type { DeviceConfigRecord, DeviceConfigStore } from '../state/device-configs.js';
import { Listeners } from '../state/listeners.js';
import type { StateFile } from '../state/state-file.js';
import { checkedConfig } from './checked-config.js';
import type { Device } from './device.js';

export interface ConfigsOptions {
  readonly state: StateFile;
  readonly store: DeviceConfigStore;
  readonly audit: Audit;
  readonly devices: { get(id: string): Device | undefined };
  readonly log: Pick<FastifyBaseLogger, 'warn'>;
  readonly now: () => number;
}

/** Longest `reported` that is kept, bytes of JSON. */
const MAX_REPORTED_BYTES = 16_384;
const HUB: Actor = { name: 'hub' };

/** What is said of a change in the audit. */
interface Deed {
  readonly actor: Actor;
  readonly action: string;
  readonly result: string;
  readonly details: object;
}

/**
 * The configuration that each device shall run, and the one that it says it runs (protocol §3). It is sent at
 * `welcome` whenever the device runs another version, and when it changes.
 */
export class Configs {
  readonly #options: ConfigsOptions;
  readonly #links = new Map<string, CommandLink>();
  readonly #changes = new Listeners<Device>();

  constructor(options: ConfigsOptions) {
    this.#options = options;
  }

  /** Gives every device its configuration. */
  open(): void {
    const { store, devices } = this.#options;
    for (const { device: id, ...config } of store.all()) {
      const device = devices.get(id);
      if (device !== undefined) device.config = config;
    }
  }

  /** Calls `listener`, which must not throw, with every device whose configuration has changed. */
  onChange(listener: (device: Device) => void): () => void {
    return this.#changes.add(listener);
  }

  /**
   * Sets what a device shall run, as a whole.
   * @param version the one last read; null to set it whatever it is
   * @throws FieldlineError 404 `not_found`; 409 `stale_version`; 422 `bad_config`, `too_large`
   */
  set(id: string, desired: GivenParams, version: number | null, actor: Actor): DeviceConfigRecord {
    const device = this.#options.devices.get(id);
    if (device === undefined) throw new FieldlineError('not_found', `no device ${id}`, { status: 404 });
    const { config } = device;
    if (version !== null && version !== config.version) {
      const text = `the configuration is at version ${config.version} by now; read it again`;
      throw new FieldlineError('stale_version', text, { status: 409 });
    }
    const checked = checkedConfig(device.profile, desired);
    const wanted = { version: config.version + 1, desired: checked, by: actor.name, at: this.#options.now() };
    const changed: DeviceConfigRecord = { ...config, ...wanted, state: 'pending', code: null, message: null };
    const link = this.#links.get(id);
    const frame = configFrame(changed);
    if ((link?.lengthOf(frame) ?? utf8Length(frame)) > (link?.rxMaxBytes ?? LIMITS.rxMaxBytes)) {
      throw new FieldlineError('too_large', 'longer than the device can take (rxMax in its hello)', {
        status: 422,
      });
    }
    const details = { version: changed.version, desired: checked };
    this.#save(device, changed, { actor, action: 'config.set', result: 'ok', details });
    if (link?.caps.has('config')) link.sendFrame(frame);
    return changed;
  }

  /** A device said `hello`, and was welcomed; `running` is the version that it named. */
  welcomed(device: Device, link: CommandLink, running: number | undefined): void {
    this.#links.set(device.id, link);
    device.caps = link.caps;
    const { config } = device;
    if (config.version === 0) return;
    if (running === config.version) {
      // Its report was lost, or could not be written. What it has refused it does not run, whatever it says here.
      if (config.state === 'pending') this.reported(device, { version: running, ok: true });
      return;
    }
    if (!link.caps.has('config')) return;
    const frame = configFrame(config);
    const bytes = link.lengthOf(frame);
    if (bytes <= link.rxMaxBytes) {
      link.sendFrame(frame);
      return;
    }
    const message = `the device takes at most ${link.rxMaxBytes} bytes (rxMax in its hello), this has ${bytes}`;
    const unfit = { ...config, state: 'rejected' as const, code: 'too_large', message };
    const { version } = config;
    this.#keep(device, unfit, {
      ...{ actor: HUB, action: 'config.rejected', result: 'too_large', details: { version } },
    });
  }

  /** A connection of a device is gone. */
  gone(device: string, link: CommandLink): void {
    if (this.#links.get(device) === link) this.#links.delete(device);
  }

  /** A device says which version it runs, or why it will not. @returns whether that is durable */
  reported(device: Device, { version, ok, reported, code, message }: Omit<ConfigReport, 'type'>): boolean {
    const { config } = device;
    const kept = {
      ...{ ...config, reportedVersion: version, reportedAt: this.#options.now() },
      reported: reported === undefined ? config.reported : bounded(reported),
    };
    // A report of an older version says what runs, and decides nothing of the newer one.
    const verdict = ok
      ? { state: 'applied' as const, code: null, message: null }
      : { state: 'rejected' as const, code: code ?? 'rejected', message: message ?? '' };
    const changed = version === config.version && version > 0 ? { ...kept, ...verdict } : kept;
    const [action, result] = ok ? ['config.applied', 'ok'] : ['config.rejected', code ?? 'rejected'];
    const actor = { name: `device:${device.id}`, address: device.address ?? undefined };
    return this.#keep(device, changed, { actor, action, result, details: { version } });
  }

  /** Saves what became of a configuration, unless that is known. @returns whether it is durable */
  #keep(device: Device, config: DeviceConfigRecord, deed: Deed): boolean {
    // A device that says the same again and again keeps no disk busy, and fills no audit.
    if (isSame(device.config, config)) return true;
    try {
      this.#save(device, config, deed);
      return true;
    } catch (error) {
      // It says so again at its next hello, by the version that it runs.
      this.#options.log.warn(
        { err: error, device: device.id },
        'a report of a configuration could not be kept',
      );
      return false;
    }
  }

  #save(device: Device, config: DeviceConfigRecord, { actor, action, result, details }: Deed): void {
    const { state, store, audit, now } = this.#options;
    state.transaction(() => {
      store.save(device.id, config);
      const subject = `device:${device.id}`;
      const who = { actor: auditName(actor), address: actor.address };
      audit.add({ at: now(), ...who, action, subject, result, details });
    });
    device.config = config;
    this.#changes.tell(device);
  }
}

function bounded(reported: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const isLong = Buffer.byteLength(JSON.stringify(reported)) > MAX_REPORTED_BYTES;
  return isLong ? { '…': 'left out: too long' } : reported;
}

/** Whether two differ in nothing but when the device said so. */
function isSame(before: DeviceConfigRecord, after: DeviceConfigRecord): boolean {
  return isDeepStrictEqual({ ...before, reportedAt: null }, { ...after, reportedAt: null });
}

/** The message that tells a device what to run (protocol §1.2). */
function configFrame({ version, desired }: DeviceConfigRecord): string {
  return JSON.stringify({ type: 'config', version, desired });
}
