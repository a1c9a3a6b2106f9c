import { type ConfigReport, LIMITS, type Profile, utf8Length, type Value } from '@fieldline/protocol';
import type { FastifyBaseLogger } from 'fastify';
import type { Actor } from '../commands/ledger.js';
import type { CommandLink } from '../commands/link.js';
import { faultOf, type GivenParams } from '../commands/params.js';
import { FieldlineError } from '../errors.js';
import { type Audit, auditName } from '../state/audit.js';
import type { DeviceConfigRecord, DeviceConfigStore } from '../state/device-configs.js';
import { Listeners } from '../state/listeners.js';
import type { StateFile } from '../state/state-file.js';
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
   * @throws FieldlineError 404 `unknown_device`; 409 `stale_version`; 422 `bad_config`, `too_large`
   */
  set(id: string, desired: GivenParams, version: number | null, actor: Actor): DeviceConfigRecord {
    const device = this.#options.devices.get(id);
    if (device === undefined)
      throw new FieldlineError('unknown_device', `no device is called ${id}`, { status: 404 });
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
    this.#save(device, changed, actor, 'config.set');
    if (link?.caps.has('config')) link.sendFrame(frame);
    return changed;
  }

  /** A device said `hello`; `running` is the version that it named. @returns what it shall run, to be sent after `welcome` */
  welcomed(device: Device, link: CommandLink, running: number | undefined): void {
    this.#links.set(device.id, link);
    device.caps = link.caps;
    const { config } = device;
    if (config.version === 0 || running === config.version || !link.caps.has('config')) return;
    link.sendFrame(configFrame(config));
  }

  /** A connection of a device is gone. */
  gone(device: string, link: CommandLink): void {
    if (this.#links.get(device) === link) this.#links.delete(device);
  }

  /** A device says which version it runs, or why it will not. @returns whether that is durable */
  reported(
    device: Device,
    { version, ok, reported = {}, code, message }: Omit<ConfigReport, 'type'>,
  ): boolean {
    const { config } = device;
    const isLong = Buffer.byteLength(JSON.stringify(reported)) > MAX_REPORTED_BYTES;
    const kept = {
      ...{ ...config, reportedVersion: version, reportedAt: this.#options.now() },
      reported: isLong ? { '…': 'left out: too long' } : reported,
    };
    // A report of an older version says what runs, and decides nothing of the newer one.
    const verdict = ok
      ? { state: 'applied' as const, code: null, message: null }
      : { state: 'rejected' as const, code: code ?? 'rejected', message: message ?? '' };
    const changed = version === config.version && version > 0 ? { ...kept, ...verdict } : kept;
    try {
      this.#save(device, changed, { name: `device:${device.id}` }, ok ? 'config.applied' : 'config.rejected');
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

  #save(device: Device, config: DeviceConfigRecord, actor: Actor, action: string): void {
    const { state, store, audit, now } = this.#options;
    state.transaction(() => {
      store.save(device.id, config);
      const details = {
        version: config.version,
        ...(action === 'config.set' ? { desired: config.desired } : {}),
      };
      const subject = `device:${device.id}`;
      const who = { actor: auditName(actor), address: actor.address };
      audit.add({ at: now(), ...who, action, subject, result: config.code ?? 'ok', details });
    });
    device.config = config;
    this.#changes.tell(device);
  }
}

/** The message that tells a device what to run (protocol §1.2). */
function configFrame({ version, desired }: DeviceConfigRecord): string {
  return JSON.stringify({ type: 'config', version, desired });
}

/** Checks a configuration against the profile: only keys that it names, of their types; defaults are filled in. */
function checkedConfig(profile: Profile | undefined, given: GivenParams): DeviceConfigRecord['desired'] {
  const faults: string[] = [];
  const checked: [string, Value | null][] = [];
  for (const [key, value] of Object.entries(given)) {
    const described = profile?.config.get(key);
    if (profile !== undefined && described === undefined)
      faults.push(`${key}: ${profile.name} has no such key`);
    else if (value === null) checked.push([key, null]);
    else {
      const fault = described === undefined ? plainFault(value) : faultOf(described, value);
      if (fault === null) checked.push([key, value as Value]);
      else faults.push(`${key}: ${fault}`);
    }
  }
  for (const [key, { required, default: fallback }] of profile?.config ?? []) {
    if (Object.hasOwn(given, key)) continue;
    if (fallback !== null) checked.push([key, fallback]);
    else if (required) faults.push(`${key}: needed`);
  }
  if (faults.length > 0) throw new FieldlineError('bad_config', faults.join('; '), { status: 422 });
  return Object.fromEntries(checked);
}

function plainFault(value: unknown): string | null {
  const isValue = typeof value === 'boolean' || typeof value === 'string' || Number.isFinite(value);
  return isValue ? null : 'a number, true, false or a text expected';
}
