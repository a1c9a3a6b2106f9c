import { describe, expect, it } from 'vitest';
import { exampleValues } from './example-values.js';
import { deviceSocketUrl, isLoopbackUrl, mqttAddressOf, placeOf } from './hub-place.js';
import { BOARDS, type SketchInput, sketchOf } from './sketch.js';

const input: SketchInput = {
  hubUrl: 'http://192.168.4.2:8080',
  device: 'esp-1',
  token: 'fld_abc',
  values: { temperature: 21.5, door: true },
  intervalMs: 10_000,
  mqtt: { host: '192.168.4.2', port: 1883, secure: false, prefix: 'fieldline/v1', embedded: true },
};
const secure = { ...input, hubUrl: 'https://hub.example' };

describe('every sketch', () => {
  it.each(BOARDS)('names the hub, the device and its metrics: %s', (board) => {
    const sketch = sketchOf(board, input);
    expect(sketch).toContain('192.168.4.2');
    expect(sketch).toContain('fld_abc');
    expect(sketch).toMatch(/temperature/);
    expect(sketch).toMatch(/door/);
    expect(sketch).toMatch(/8080|1883/);
  });

  it.each(BOARDS)('keeps what it is filled in with inside its literals: %s', (board) => {
    const evil = `"'\n\\"; system('rm -rf /') //`;
    const sketch = sketchOf(board, { ...input, token: evil, values: { a: evil }, device: `x${evil}` });
    const plain = sketchOf(board, { ...input, token: 'fld_abc', values: { a: 'ok' }, device: 'x' });
    // A line break that got out would add a line; in a shell it stands within quotes.
    if (board !== 'curl' && board !== 'mosquitto_pub') {
      expect(sketch.split('\n').length).toBe(plain.split('\n').length);
    }
  });

  it('uses TLS where the hub does', () => {
    expect(sketchOf('arduino-esp32', secure)).toContain('hub.beginSSL("hub.example", 443, "/ws/v1/device");');
    expect(sketchOf('esp-idf', secure)).toContain('"wss://hub.example:443/ws/v1/device"');
    expect(sketchOf('python', secure)).toContain('"wss://esp-1:fld_abc@hub.example:443/ws/v1/device"');
    expect(sketchOf('curl', secure)).toContain('https://hub.example/api/v1/ingest/esp-1');
  });
});

it('on an ESP32 says what setAuthorization of its library wants', () => {
  const sketch = sketchOf('arduino-esp32', input);
  expect(sketch).toContain('hub.begin("192.168.4.2", 8080, "/ws/v1/device");');
  expect(sketch).toContain('hub.setAuthorization("esp-1", "fld_abc");');
  expect(sketch).toMatch(/"\{\\"temperature\\":%\.1f,\\"door\\":%s\}",\s+21\.5, "true"\)/);
});

it('leaves room for a fraction where the example is a whole number', () => {
  const values = { temperature: 4, level: 2.25 };
  expect(sketchOf('arduino-esp32', { ...input, values })).toMatch(
    /%\.1f,\\"level\\":%\.2f\}",\s+4\.0, 2\.25\)/,
  );
});

it('for an external broker leaves its user to the reader, and without one says so', () => {
  const mqtt = { host: 'broker.example', port: 8883, secure: true, prefix: 'plant', embedded: false };
  const sketch = sketchOf('mosquitto_pub', { ...input, mqtt });
  expect(sketch).not.toContain('fld_abc');
  expect(sketch).toContain('-h broker.example -p 8883 --capath');
  expect(sketch).toContain('-t plant/ingest/esp-1');
  expect(sketchOf('mosquitto_pub', { ...input, mqtt: null })).toMatch(/^# This hub has no MQTT broker/);
});

describe('example values', () => {
  it('are of the first metrics, as they are simulated, or in the middle of their range', () => {
    const values = exampleValues({
      metrics: {
        mode: { type: 'string', enum: ['idle', 'on'] },
        temperature: { type: 'number', decimals: 1 },
        count: { type: 'integer', min: 0, max: 7 },
        power: { type: 'number' },
        door: { type: 'boolean' },
      },
      simulate: { temperature: { wave: 'constant', mean: 4.26 } },
    });
    expect(values).toEqual({ temperature: 4.3, count: 4, door: true });
  });

  it('are a text where there is nothing else, and something for a device without a profile', () => {
    expect(exampleValues({ metrics: { mode: { type: 'string', enum: ['idle'] } } })).toEqual({
      mode: 'idle',
    });
    expect(exampleValues(null)).toEqual({ temperature: 21.5, door: true });
  });
});

it('a hub’s address is taken apart', () => {
  expect(placeOf('https://hub.example')).toEqual({ host: 'hub.example', port: 443, secure: true });
  expect(placeOf('http://[fd00::1]:8080').host).toBe('fd00::1');
  expect(deviceSocketUrl('http://[fd00::1]:8080')).toBe('ws://[fd00::1]:8080/ws/v1/device');
  expect(deviceSocketUrl('http://a:1', { device: 'x', token: 'p@:/' })).toBe(
    'ws://x:p%40%3A%2F@a:1/ws/v1/device',
  );
  expect(['http://127.0.0.1:8080', 'http://[::1]:1', 'http://localhost'].every(isLoopbackUrl)).toBe(true);
  expect(isLoopbackUrl('http://192.168.4.2:8080')).toBe(false);
});

it('the broker of the hub is at the address of the hub', () => {
  const own = { embedded: true, host: null, port: 1883, secure: false, prefix: 'f' };
  expect(mqttAddressOf('http://[fd00::1]:8080', own)?.host).toBe('fd00::1');
  expect(mqttAddressOf('http://127.0.0.1:8080', { ...own, embedded: false, host: 'broker' })?.host).toBe(
    'broker',
  );
  expect(mqttAddressOf('http://127.0.0.1:8080', null)).toBeNull();
});
