import { setTimeout as sleep } from 'node:timers/promises';
import type { HubProcess } from './hub-process.js';
import { Load } from './load.js';
import { NumberedDevice } from './numbered-device.js';

/** Numbered devices that send together. */
export class Fleet {
  readonly devices: readonly NumberedDevice[];
  readonly load: Load;

  private constructor(devices: readonly NumberedDevice[], perSecond: number) {
    this.devices = devices;
    this.load = new Load(devices, perSecond);
  }

  /** Registers and connects `dev-0`, `dev-1` …; the hub must have no rate limit. */
  static async connect(
    hub: Pick<HubProcess, 'http' | 'url'>,
    { count, perSecond, padding = 0 }: { count: number; perSecond: number; padding?: number },
  ): Promise<Fleet> {
    const devices: NumberedDevice[] = [];
    for (let index = 0; index < count; index++) {
      const id = `dev-${index}`;
      const device = new NumberedDevice(id, await hub.http.addDevice(id), { padding });
      await device.connect(hub.url);
      devices.push(device);
    }
    return new Fleet(devices, perSecond);
  }

  /** What each device has been promised so far. */
  get acked(): ReadonlyMap<string, number> {
    return new Map(this.devices.map(({ id, acked }) => [id, acked]));
  }

  /** What the hub told other than acks. */
  get remarks(): readonly object[] {
    return this.devices.flatMap(({ remarks }) => remarks);
  }

  /** Stops sending and waits until everything that was sent is acked. */
  async finish(): Promise<void> {
    this.load.stop();
    const unacked = () => this.devices.filter(({ acked, sent }) => acked < sent).map(({ id }) => id);
    for (const startedAt = Date.now(); unacked().length > 0; await sleep(5)) {
      if (Date.now() - startedAt > 30_000) throw new Error(`no acks for ${unacked()} in half a minute`);
    }
  }

  /** Ends it, whatever it does. */
  drop(): void {
    this.load.stop();
    for (const device of this.devices) device.drop();
  }
}
