import { measureOf } from '@fieldline/device-sim';
import type { Profile, Value } from '@fieldline/protocol';
import { DeviceClient, type Message } from './device-client.js';
import type { HubProcess } from './hub-process.js';

/** Rows of one message. */
const AT_ONCE = 300;
/** For profiles that do not say. */
const INTERVAL_MS = 10_000;

export interface PlantDeviceOptions {
  readonly id: string;
  readonly profile: Profile | null;
  /** What it measures, where its profile does not simulate it. */
  readonly measure?: (timeMs: number) => Record<string, Value>;
  /** It does not answer commands. */
  readonly isQuiet?: boolean;
  /** In place of what it measures, for the last so many ms of its past and from then on. */
  readonly late?: { readonly ms: number; readonly values: Readonly<Record<string, Value>> };
}

/** A device with a past, which answers commands as their parameter `answer` says. */
export class PlantDevice {
  readonly #options: PlantDeviceOptions;
  readonly #measure: (timeMs: number) => Record<string, Value>;
  #client: DeviceClient | undefined;
  #token = '';
  #seq = 0;
  #boots = 0;
  #saidMs = Date.now();
  /** What it said last of each metric. */
  readonly last: Record<string, Value> = {};

  constructor(options: PlantDeviceOptions) {
    const { profile, measure, id } = options;
    this.#options = options;
    this.#measure = measure ?? (profile === null ? () => ({}) : measureOf(profile, id, 'plant'));
  }

  get id(): string {
    return this.#options.id;
  }

  /** The name of its profile. */
  get profile(): string | null {
    return this.#options.profile?.name ?? null;
  }

  /** Registers it where it is new, and connects. A second time it has a new boot. */
  async connect(hub: HubProcess): Promise<void> {
    const { id, profile } = this.#options;
    if (this.#token === '')
      this.#token = await hub.http.addDevice(id, profile === null ? {} : { profile: profile.name });
    const client = await DeviceClient.connect(hub.url, { token: this.#token });
    this.#client = client;
    this.#seq = 0;
    client.socket.on('message', (data) => {
      const message = JSON.parse(String(data)) as Message;
      if (message.type === 'command') this.#answer(message, client);
    });
    const caps = ['command', 'reconnect', 'parallel'];
    await client.hello({ boot: `b${++this.#boots}`, seq: 0, firmware: '1.4.2', caps });
  }

  /** Sends what it measured from then until now. */
  async tell(sinceMs: number): Promise<void> {
    const now = Date.now();
    const interval = this.#options.profile?.intervalMs ?? INTERVAL_MS;
    const { late } = this.#options;
    const rows: [number, Record<string, Value>][] = [];
    for (let time = sinceMs; time <= now; time += interval) {
      const isLate = late !== undefined && time > now - late.ms;
      rows.push([time, { ...this.#measure(time), ...(isLate ? late.values : {}) }]);
    }
    Object.assign(this.last, rows.at(-1)?.[1]);
    while (rows.length > 0) await this.#send({ rows: rows.splice(0, AT_ONCE) });
  }

  /** Sends one reading of this moment. */
  async say(values: Readonly<Record<string, Value>> = {}): Promise<void> {
    Object.assign(this.last, await this.#sayNow(values));
  }

  /** As {@link say}, with values that the hub refuses. */
  async sayWrongly(values: Readonly<Record<string, Value>>): Promise<void> {
    const said = await this.#sayNow(values);
    for (const [name, value] of Object.entries(said)) if (!(name in values)) this.last[name] = value;
  }

  /** As {@link say}, if the time of its next reading has come. */
  async sayIfDue(): Promise<void> {
    const interval = this.#options.profile?.intervalMs ?? INTERVAL_MS;
    if (Date.now() < this.#saidMs + interval) return;
    this.#saidMs = Math.max(this.#saidMs + interval, Date.now() - interval);
    await this.say();
  }

  /** Leaves. */
  async leave(): Promise<void> {
    await this.#client?.close();
  }

  async #sayNow(values: Readonly<Record<string, Value>>): Promise<Readonly<Record<string, Value>>> {
    const time = Date.now();
    const said = { ...this.#measure(time), ...this.#options.late?.values, ...values };
    await this.#send({ time, values: said });
    return said;
  }

  async #send(body: object): Promise<void> {
    if (this.#client === undefined) throw new Error('it is not connected');
    this.#client.send({ type: 'telemetry', seq: ++this.#seq, ...body });
    await this.#client.acked(this.#seq);
  }

  #answer({ id, params }: Message, client: DeviceClient): void {
    const { answer } = (params ?? {}) as { answer?: string };
    if (this.#options.isQuiet) return;
    const said = { failed: { status: 'error', code: 'busy' }, rejected: { status: 'rejected', code: 'no' } };
    client.send({ type: 'result', id, ...(said[answer as keyof typeof said] ?? { status: 'ok' }) });
  }
}
