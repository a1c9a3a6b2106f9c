import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MqttBench } from './commands-over-mqtt.fixture.js';
import type { ResponseAddress } from './transport.js';

const HERE: ResponseAddress = { topic: 'ada/answers', correlationData: Buffer.from([1, 2]) };

let mqtt: MqttBench;
beforeEach(() => {
  mqtt = new MqttBench();
});
afterEach(() => mqtt.close());

const answers = () => mqtt.said<Record<string, unknown>>(HERE.topic);
const code = () => (answers().at(-1)?.error as { code: string } | undefined)?.code;

describe('a command over MQTT', () => {
  it('is given by whoever published it, with defaults, and answered once when it has ended', () => {
    const link = mqtt.bench.connect();
    mqtt.command('identify', '', { actor: { name: 'ada' }, response: HERE });
    const [frame] = link.frames;
    expect(frame).toMatchObject({ name: 'identify', params: { seconds: 10 }, ttl: 10_000 });
    const id = frame?.id ?? '';
    mqtt.bench.commands.answered('r1', { id, status: 'accepted' });
    expect(answers()).toEqual([]);
    mqtt.bench.commands.answered('r1', { id, status: 'ok', result: 1 });
    expect(answers()).toMatchObject([{ id, state: 'succeeded', result: 1, by: 'ada' }]);
    expect(mqtt.transport.published[0]).toMatchObject({
      ...{ qos: 1, retain: false, correlationData: HERE.correlationData },
    });
    mqtt.bench.commands.answered('r1', { id, status: 'ok' });
    expect(answers()).toHaveLength(1);
    expect(mqtt.counters).toMatchObject({ taken: 1, refused: 0 });
  });

  it('may be sent for as long as the message may live', () => {
    const link = mqtt.bench.connect();
    mqtt.command('identify', {}, { ttlMs: 90_000 });
    expect(link.frames[0]?.ttl).toBe(90_000);
    mqtt.command('identify', {}, { ttlMs: 5_000, response: HERE });
    mqtt.bench.nowMs += 5_000;
    mqtt.bench.commands.answered('r1', { id: link.frames[0]?.id ?? '', status: 'ok' });
    return expect.poll(() => answers()).toMatchObject([{ state: 'expired' }]);
  });

  it.each<[what: string, name: string, payload: object | string, code: string]>([
    ['a parameter of another type', 'relay.set', { on: 'yes' }, 'bad_params'],
    ['none', 'relay.set', '', 'bad_params'],
    ['an array', 'relay.set', '[]', 'bad_params'],
    ['nothing', 'relay.set', 'null', 'bad_params'],
    ['a broken text', 'relay.set', '{"on":tru', 'bad_params'],
    ['a prototype', 'relay.set', '{"__proto__":{"on":true}}', 'bad_params'],
    [
      '65 parameters',
      'relay.set',
      Object.fromEntries(Array.from({ length: 65 }, (_, at) => [`k${at}`, 1])),
      'bad_params',
    ],
    ['3 KB', 'relay.set', `{"on":true}${' '.repeat(2_000)}`, 'too_large'],
    ['a name that is none of its commands', 'fly', {}, 'unknown_command'],
  ])('with %s is refused, and whoever wants to know is told', (_what, name, payload, expected) => {
    mqtt.bench.connect();
    mqtt.command(name, payload, { response: HERE });
    expect(code()).toBe(expected);
    mqtt.command(name, payload);
    expect(answers()).toHaveLength(1);
    expect(mqtt.bench.store.list({}, { limit: 10 }).items).toEqual([]);
    expect(mqtt.counters).toMatchObject({ taken: 0, refused: 2 });
    expect(mqtt.warnings).toHaveLength(1);
  });

  it('is refused when it is retained, or its device is away', () => {
    mqtt.command('identify', {}, { response: HERE });
    expect(code()).toBe('device_offline');
    mqtt.bench.connect();
    mqtt.command('identify', {}, { response: HERE, isRetained: true });
    expect(code()).toBe('retained');
    expect(mqtt.counters).toMatchObject({ taken: 0, refused: 1, retained: 1 });
  });

  it.each([
    ['no topic', ''],
    ['the prefix', 'fieldline/v1'],
    ['a device', 'fieldline/v1/devices/r1/down'],
    ['the broker', '$SYS/x'],
    ['one level', 'a/+'],
    ['many', 'a/#'],
    ['a NUL', 'a\0b'],
    ['too long a topic', 'x'.repeat(1_025)],
  ])('is not given when its answer would go to %s', (_what, topic) => {
    const link = mqtt.bench.connect();
    mqtt.command('identify', {}, { response: { ...HERE, topic } });
    mqtt.config({}, { response: { ...HERE, topic } });
    expect(link.frames).toEqual([]);
    expect(mqtt.transport.published).toEqual([]);
    expect(mqtt.counters.badResponseTopics).toBe(2);
  });

  it('that cannot be read is told what is wrong in words, not by a code alone', () => {
    mqtt.command('identify', '{"on":tru', { response: HERE });
    mqtt.command('identify', '[]', { response: HERE });
    const messages = answers().map(({ error }) => (error as { message: string }).message);
    expect(messages[0]).toMatch(/^the payload cannot be read as JSON: ./);
    expect(messages[1]).toBe('the payload must be a JSON object');
  });

  it('that cannot be kept is told of, and its sender must know', () => {
    mqtt.bench.connect();
    const free = mqtt.bench.fillDisk();
    expect(() => mqtt.command('identify', {}, { response: HERE })).toThrow('full');
    expect(code()).toBe('state_unwritable');
    free();
    mqtt.command('identify', {});
    expect(mqtt.counters).toMatchObject({ taken: 1, refused: 1 });
  });

  it('is given once when it is known to come again, also after a crash', () => {
    const identity = { scope: 'mqtt ada', key: '7 x', isFirst: true };
    mqtt.bench.connect();
    const given = () => mqtt.bench.store.list({}, { limit: 10 }).items.length;
    mqtt.command('identify', {}, { identity });
    mqtt.command('identify', {}, { identity: { ...identity, isFirst: false } });
    expect(given()).toBe(1);
    mqtt.command('identify', {}, { identity });
    expect(given()).toBe(2);
    mqtt.command('identify', {}, { identity: { ...identity, isFirst: false } });
    mqtt.command('identify', {}, { identity: { ...identity, scope: 'mqtt eve', isFirst: false } });
    expect(given()).toBe(3);
  });

  it('is answered once, though what became of it is corrected later', () => {
    const link = mqtt.bench.connect();
    mqtt.command('identify', {}, { response: HERE });
    const id = link.frames[0]?.id ?? '';
    mqtt.bench.connect('r1', { boot: 'b2' });
    expect(answers()).toMatchObject([{ id, state: 'timed_out', error: { code: 'rebooted' } }]);
    mqtt.bench.commands.answered('r1', { id, status: 'ok' });
    expect(mqtt.bench.commands.get(id)).toMatchObject({ state: 'succeeded' });
    expect(answers()).toHaveLength(1);
  });

  it('that was repeated is answered to each who asked', () => {
    const link = mqtt.bench.connect();
    const identity = { scope: 'mqtt r1', key: 'k', isFirst: false };
    mqtt.command('identify', {}, { identity, response: HERE });
    mqtt.command('identify', {}, { identity, response: { ...HERE, topic: 'eve' } });
    mqtt.bench.commands.answered('r1', { id: link.frames[0]?.id ?? '', status: 'ok' });
    mqtt.command('identify', {}, { identity, response: { ...HERE, topic: 'late' } });
    expect([...answers(), ...mqtt.said('eve'), ...mqtt.said('late')]).toHaveLength(3);
    mqtt.command('identify', { seconds: 2 }, { identity, response: HERE });
    expect(code()).toBe('idempotency_conflict');
  });
});

describe('a configuration over MQTT', () => {
  it('is what the device shall run, and answered by what the hub has kept', () => {
    mqtt.config({ interval: 500 }, { response: HERE });
    expect(answers()).toEqual([
      {
        version: 1,
        desired: { interval: 500, mode: 'eco' },
        reported: {},
        state: 'pending',
        by: 'mqtt',
        at: expect.any(Number),
      },
    ]);
    mqtt.config({ interval: 1 }, { response: HERE });
    expect(code()).toBe('bad_config');
    mqtt.config('7', { response: HERE });
    expect(code()).toBe('bad_config');
    mqtt.config({ interval: 700 }, { isRetained: true });
    expect(mqtt.bench.devices.get('r1')?.config.version).toBe(1);
  });
});

describe('results', () => {
  it('go out when a command has ended, and again when more is known', () => {
    mqtt.results.open();
    const link = mqtt.bench.connect();
    mqtt.command('relay.set', { on: true });
    const id = link.frames[0]?.id ?? '';
    const said = () =>
      mqtt
        .said<{ state: string; verification: string | null }>(`fieldline/v1/devices/r1/result/${id}`)
        .map(({ state, verification }) => [state, verification]);
    expect(said()).toEqual([]);
    mqtt.bench.commands.welcomed('r1', mqtt.bench.connect('r1', { boot: 'b2' }));
    mqtt.bench.commands.answered('r1', { id, status: 'ok' });
    mqtt.bench.nowMs += 1;
    mqtt.bench.commands.observe([mqtt.bench.reading({ relay: true })]);
    expect(said().map(([state]) => state)).toEqual(['timed_out', 'succeeded', 'succeeded']);
    expect(said().at(-1)).toEqual(['succeeded', 'verified']);
    expect(mqtt.transport.published.every(({ retain, qos }) => !retain && qos === 1)).toBe(true);
  });

  it('are left out and counted while the broker is away, or does not confirm', async () => {
    mqtt.results.open();
    mqtt.transport.isConnected = false;
    mqtt.bench.connect();
    mqtt.command('identify', {});
    mqtt.bench.commands.barred('r1', 'disabled');
    mqtt.bench.connect('r1', { boot: 'b2' });
    expect(mqtt.skipped.skipped).toBeGreaterThan(0);
    expect(mqtt.transport.published).toEqual([]);
  });
});
