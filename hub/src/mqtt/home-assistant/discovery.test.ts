import { topics } from '@fieldline/protocol';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Devices } from '../../devices/devices.js';
import { Registry } from '../../devices/registry.js';
import { SinkError } from '../../sinks/sink.js';
import { AnnouncedDevices } from '../../state/announced-devices.js';
import { TestState } from '../../state/state.fixture.js';
import { RefusedMessage } from '../transport.js';
import { HomeAssistantDiscovery } from './discovery.js';
import { objections } from './home-assistant.fixture.js';

const EVERY_MS = 2_000;

/** Notes what is published, as a broker with retained messages would hold it. */
class RecordingTransport {
  isConnected = true;
  readonly published: [topic: string, payload: string][] = [];
  readonly retained = new Map<string, string>();
  readonly subscribed = new Map<string, (payload: Buffer) => void>();
  fails: Error | null = null;
  #connected: (() => void)[] = [];

  async publish(topic: string, payload: string | Buffer): Promise<void> {
    if (this.fails) throw this.fails;
    this.published.push([topic, String(payload)]);
    if (payload.length > 0) {
      expect(objections(topic, String(payload))).toEqual([]);
      this.retained.set(topic, String(payload));
    } else this.retained.delete(topic);
  }
  subscribe(topic: string, listener: (payload: Buffer) => void): void {
    this.subscribed.set(topic, listener);
  }
  onConnected(listener: () => void): () => void {
    this.#connected.push(listener);
    if (this.isConnected) listener();
    return () => {
      this.#connected = [];
    };
  }
  connect(): void {
    this.isConnected = true;
    for (const listener of this.#connected) listener();
  }
  componentsOf(device: string): Record<string, unknown> {
    return JSON.parse(this.retained.get(`homeassistant/device/fieldline_v1_${device}/config`) ?? '{}')
      .components;
  }
}

let state: TestState;
let registry: Registry;
let devices: Devices;
let transport: RecordingTransport;
let discovery: HomeAssistantDiscovery | undefined;
const warnings: string[] = [];

beforeEach(() => {
  vi.useFakeTimers();
  state = new TestState();
  registry = Registry.open(state.file);
  devices = new Devices({ registry, profiles: new Map(), types: [], now: Date.now });
  devices.open();
  transport = new RecordingTransport();
  warnings.length = 0;
});
afterEach(() => {
  discovery?.close();
  vi.useRealTimers();
  state.remove();
});

async function open(more: { discovery?: boolean; prefix?: string } = {}): Promise<void> {
  discovery?.close();
  const log = {
    info: () => undefined,
    warn: (_fields: object, message: string) => warnings.push(message),
  };
  discovery = new HomeAssistantDiscovery({
    transport,
    devices,
    announced: new AnnouncedDevices(state.file),
    config: { homeAssistant: { discovery: true, prefix: 'homeassistant', ...more }, origins: [] },
    topics: topics(),
    log: log as never,
    version: '0.1.0',
    random: () => 0.5,
    everyMs: EVERY_MS,
    spreadMs: 10_000,
  });
  discovery.open();
  await vi.advanceTimersByTimeAsync(0);
}

function add(id: string, ...metrics: string[]): void {
  registry.create({ id });
  for (const name of metrics) devices.get(id)?.addMetric(name, 'number', 1);
}

const look = () => vi.advanceTimersByTimeAsync(EVERY_MS);

describe('Home Assistant discovery', () => {
  it('announces each device that has metrics, once', async () => {
    add('a', 'x');
    add('b', 'y');
    add('silent');
    await open();
    expect([...transport.retained.keys()]).toEqual([
      'homeassistant/device/fieldline_v1_a/config',
      'homeassistant/device/fieldline_v1_b/config',
    ]);
    await look();
    await look();
    expect(transport.published).toHaveLength(2);
  });

  it('takes many devices in turns', async () => {
    const ids = Array.from({ length: 1_100 }, (_, i) => `d${i}`);
    for (const id of ids) add(id, 'x');
    await open();
    expect(transport.published.length).toBeLessThan(100);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(transport.published.map(([topic]) => topic.split('_').at(-1)?.split('/')[0])).toEqual(ids);
  });

  it('announces a device again when its name, its tags, its firmware or its metrics change', async () => {
    add('a', 'x');
    await open();
    const name = () => JSON.parse(transport.published.at(-1)?.[1] ?? '{}').device.name;
    registry.update('a', { name: 'Pump' });
    registry.update('a', { name: 'Pump 2' });
    await look();
    expect(name()).toBe('Pump 2');
    expect(transport.published).toHaveLength(2);
    registry.update('a', { tags: { area: 'Cellar' } });
    await look();
    Object.assign(devices.get('a') ?? {}, { firmware: '2' });
    await look();
    expect(transport.published).toHaveLength(4);
    devices.get('a')?.addMetric('z', 'boolean', 1);
    await look();
    expect(Object.keys(transport.componentsOf('a'))).toEqual(['sensor_x', 'binary_sensor_z']);
  });

  it('says everything again after each connect, and after the birth of Home Assistant, some time later', async () => {
    add('a', 'x');
    transport.isConnected = false;
    await open();
    await look();
    expect(transport.published).toHaveLength(0);
    transport.connect();
    await vi.advanceTimersByTimeAsync(0);
    expect(transport.published).toHaveLength(1);
    const birth = transport.subscribed.get('homeassistant/status');
    birth?.(Buffer.from('offline'));
    await vi.advanceTimersByTimeAsync(20_000);
    expect(transport.published).toHaveLength(1);
    birth?.(Buffer.from('online'));
    birth?.(Buffer.from('online'));
    await vi.advanceTimersByTimeAsync(4_999);
    expect(transport.published).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    await look();
    expect(transport.published).toHaveLength(2);
  });

  it('takes away an entity by its platform alone, and then leaves it out', async () => {
    add('a', 'x', 'y');
    await open();
    const remove = (metric: string) => {
      const device = devices.get('a');
      device?.metrics.delete(metric);
      if (device) device.shape++;
    };
    remove('y');
    await look();
    expect(transport.componentsOf('a')).toMatchObject({ sensor_y: { platform: 'sensor' } });
    expect(Object.keys(transport.componentsOf('a').sensor_y as object)).toEqual(['platform']);
    // What vanishes in between is told, too, before it is left out.
    remove('x');
    devices.get('a')?.addMetric('z', 'number', 1);
    await look();
    expect(Object.keys(transport.componentsOf('a'))).toEqual(['sensor_z', 'sensor_x']);
    await look();
    expect(Object.keys(transport.componentsOf('a'))).toEqual(['sensor_z']);
    await look();
    expect(transport.published).toHaveLength(4);
  });

  it('says it again when a metric is given another type: the old entity goes', async () => {
    add('a', 'x');
    await open();
    const device = devices.get('a');
    device?.setProfile(undefined, new Map([['x', { type: 'boolean', fixedAt: 1 }]]));
    await look();
    expect(transport.componentsOf('a')).toMatchObject({
      binary_sensor_x: { unique_id: 'fieldline_v1_a_x' },
      sensor_x: { platform: 'sensor' },
    });
    await look();
    expect(Object.keys(transport.componentsOf('a'))).toEqual(['binary_sensor_x']);
  });

  it('clears a device that was deleted', async () => {
    add('a', 'x');
    await open();
    registry.delete('a');
    await look();
    expect(transport.published.at(-1)).toEqual(['homeassistant/device/fieldline_v1_a/config', '']);
    await look();
    expect(transport.published).toHaveLength(2);
  });

  it('clears what an earlier run announced, and nobody wants any more', async () => {
    add('gone', 'x');
    add('kept', 'x', 'y');
    await open();
    discovery?.close();
    registry.delete('gone');
    devices.get('kept')?.metrics.delete('y');
    await open();
    expect([...transport.retained.keys()]).toEqual(['homeassistant/device/fieldline_v1_kept/config']);
    expect(transport.componentsOf('kept')).toMatchObject({ sensor_y: { platform: 'sensor' } });
    await look();
    expect(Object.keys(transport.componentsOf('kept'))).toEqual(['sensor_x']);

    await open({ prefix: 'ha' });
    expect([...transport.retained.keys()]).toEqual(['ha/device/fieldline_v1_kept/config']);
    await open({ discovery: false });
    expect(transport.retained.size).toBe(0);
    const count = transport.published.length;
    await open({ discovery: false });
    await look();
    expect(transport.published).toHaveLength(count);
  });

  it('tries again what the broker did not confirm, and says so once', async () => {
    add('a', 'x');
    transport.fails = new SinkError('network', 'connection lost');
    await open();
    await look();
    expect(warnings).toHaveLength(1);
    transport.fails = null;
    await look();
    expect(transport.published).toHaveLength(1);
  });

  it('does not repeat a message that the broker refuses', async () => {
    add('a', 'x');
    transport.fails = new RefusedMessage('too large');
    await open();
    transport.fails = null;
    await look();
    expect(transport.published).toHaveLength(0);
    registry.update('a', { name: 'shorter' });
    await look();
    expect(transport.published).toHaveLength(1);
  });

  it('remembers before it speaks: a hub that is killed then still clears what it said', async () => {
    add('a', 'x');
    transport.publish = async () => new Promise(() => undefined); // never confirmed
    await open();
    expect([...new AnnouncedDevices(state.file).all()]).toEqual([
      { topic: 'homeassistant/device/fieldline_v1_a/config', components: { sensor_x: 'sensor' } },
    ]);
  });
});
