import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MqttBench } from './commands-over-mqtt.fixture.js';

const HELLO = { type: 'hello', boot: 'b1', seq: 0, caps: ['command', 'config'], rxMax: 300 };

let mqtt: MqttBench;
beforeEach(() => {
  mqtt = new MqttBench();
});
afterEach(() => mqtt.close());

const types = () => mqtt.down.map(({ type }) => type);
const give = () => mqtt.bench.commands.give('r1', { name: 'identify' }, { name: 'ada' });

describe('hello', () => {
  it('is answered by welcome, the configuration, and what waits', async () => {
    mqtt.configs.set('r1', { interval: 500 }, null, { name: 'ada' });
    mqtt.bench.commands.give('r1', { name: 'identify', queue: true }, { name: 'ada' });
    await mqtt.up(HELLO);
    expect(mqtt.down).toMatchObject([
      { type: 'welcome', ack: null, window: 256, maxFrame: 65_536, config: 1 },
      { type: 'config', version: 1, desired: { interval: 500 } },
      { type: 'command', name: 'identify' },
    ]);
    expect(mqtt.bench.devices.get('r1')).toMatchObject({ boot: 'b1' });
    const [welcome, , command] = mqtt.transport.published;
    expect(welcome).toMatchObject({ qos: 1, retain: false, isFleeting: true });
    expect(welcome).not.toHaveProperty('expirySeconds');
    expect(command).toMatchObject({ expirySeconds: 3_600 });
    expect(mqtt.raw.map(({ direction }) => direction)).toEqual(['in', 'out', 'out', 'out']);
  });

  it('makes a link that ends with what it came by, or with its device', async () => {
    const [first, second] = [new AbortController(), new AbortController()];
    await mqtt.up(HELLO, { end: first.signal });
    await mqtt.up(HELLO, { end: second.signal });
    first.abort();
    expect(mqtt.links.get('r1')).toBeDefined();
    expect(give()).toMatchObject({ state: 'sent' });
    second.abort();
    expect(give).toThrow('offline');
    await mqtt.up(HELLO);
    mqtt.links.close();
    expect(give).toThrow('offline');
    const device = mqtt.bench.devices.get('r1');
    await mqtt.up(HELLO);
    if (device) mqtt.links.bar(device);
    expect(give).toThrow('offline');
  });

  it('of a connection that is gone, a will, makes none', async () => {
    await mqtt.up(HELLO, { end: AbortSignal.abort() });
    expect(types()).toEqual([]);
    expect(give).toThrow('offline');
  });

  it('asks for what is owed after another one of the same boot', async () => {
    await mqtt.up(HELLO);
    give();
    await mqtt.up(HELLO);
    expect(mqtt.down.at(-1)).toMatchObject({ type: 'command', again: true });
    expect(mqtt.transport.published.at(-1)).not.toHaveProperty('expirySeconds');
  });

  it('of a boot that was used before is refused, unless the broker may have held it back', async () => {
    mqtt.sessions.journal.marks = [{ boot: 'b1', high: 9, gaps: [] }];
    await mqtt.up({ ...HELLO, seq: 3 });
    expect(mqtt.down).toMatchObject([{ type: 'error', code: 'boot_reused', fatal: true }]);
    expect(give).toThrow('offline');
    await mqtt.up({ ...HELLO, seq: 3 }, { isRepeated: true });
    expect(mqtt.down.at(-1)).toMatchObject({ type: 'welcome', ack: 9 });
  });
});

describe('what devices say', () => {
  it('is answered, kept, and confirmed when it is durable', async () => {
    await mqtt.up(HELLO);
    mqtt.transport.published.length = 0;
    await mqtt.up({ type: 'time', uptime: 7 });
    await mqtt.up({ type: 'weather', seq: 3 });
    expect(mqtt.synced).toEqual([]);
    await mqtt.up('{"type":"log","message":');
    await mqtt.up({ type: 'log', message: 'brown-out' });
    expect(mqtt.synced).toEqual(['r1', 'r1']);
    expect(mqtt.lines).toMatchObject([{ device: 'r1', level: 'info', message: 'brown-out' }]);
    expect(mqtt.sessions.refused).toEqual(['{"type":"log","message":']);
    expect(mqtt.down).toMatchObject([
      { type: 'time', uptime: 7, time: mqtt.bench.nowMs },
      { type: 'error', code: 'unknown_type', seq: 3, fatal: false },
      { type: 'error', code: 'malformed', fatal: false },
    ]);
    for (const { payload } of mqtt.transport.published) expect(payload.length).toBeLessThanOrEqual(300);
  });

  it('of telemetry, of strangers, or too large, goes the way of telemetry', async () => {
    mqtt.bench.registry.update('r1', { disabled: false });
    await mqtt.up({ type: 'telemetry', values: { t: 1 } });
    await mqtt.up({ t: 1 });
    await mqtt.up({ type: 'log', message: 'x'.repeat(65_536) });
    await mqtt.up(HELLO, {}, 'nobody');
    mqtt.bench.registry.update('r1', { disabled: true });
    await mqtt.up(HELLO);
    expect(mqtt.ingested).toHaveLength(5);
    expect(mqtt.transport.published).toEqual([]);
  });

  it('is held until the disk has room for it, and let go of when its sender is gone', async () => {
    await mqtt.up(HELLO);
    const { id } = give();
    const free = mqtt.bench.fillDisk();
    const result = { type: 'result', id, status: 'ok' };
    let isConfirmed = false;
    const held = mqtt.up(result).then(() => {
      isConfirmed = true;
    });
    const gone = new AbortController();
    const lost = mqtt.up(result, { end: gone.signal });
    gone.abort();
    await expect(lost).rejects.toThrow('let go of');
    expect(isConfirmed).toBe(false);
    free();
    await held;
    expect(mqtt.bench.commands.get(id)).toMatchObject({ state: 'succeeded' });
  });

  it('about its configuration is kept', async () => {
    await mqtt.up(HELLO);
    mqtt.configs.set('r1', { interval: 500 }, null, { name: 'ada' });
    await mqtt.up({ type: 'config', version: 1, ok: false, code: 'no_room', message: 'flash is full' });
    expect(mqtt.bench.devices.get('r1')?.config).toMatchObject({ state: 'rejected', code: 'no_room' });
  });

  it('too fast is taken, and its confirmation held back', async () => {
    const limit = mqtt.bench.devices.get('r1')?.rateLimit(mqtt.context.config, mqtt.bench.nowMs);
    for (let n = 0; n < 1_000; n++) limit?.take(mqtt.bench.nowMs);
    const gone = new AbortController();
    let isConfirmed = false;
    const held = mqtt.up({ type: 'time', uptime: 7 }, { end: gone.signal }).then(() => {
      isConfirmed = true;
    });
    expect(types()).toEqual(['time']);
    await new Promise((resolve) => setImmediate(resolve));
    expect(isConfirmed).toBe(false);
    gone.abort();
    await held;
  });
});
