import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Document, parse } from 'yaml';
import {
  ConfigError,
  configMarkdown,
  configYaml,
  describeConfig,
  loadConfig,
  maskSecrets,
} from './config.js';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fieldline-config-'));
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

function file(text: string): string {
  const path = join(directory, 'fieldline.yaml');
  writeFileSync(path, text);
  return path;
}

function problemsOf(env: Record<string, string>, yaml?: string): ConfigError['problems'] {
  try {
    loadConfig(env, yaml === undefined ? {} : { file: file(yaml) });
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe('loadConfig', () => {
  it('has every default', () => {
    const config = loadConfig({ HOME: '/root', PATH: '/bin' });
    expect(config).toMatchObject({
      host: '127.0.0.1',
      port: 8080,
      data: './data',
      profiles: './profiles',
      adminToken: null,
      origins: [],
      logLevel: 'info',
      rateLimit: 100,
      device: {
        urlToken: false,
        heartbeatMs: 20_000,
        window: 256,
        frameBytes: 65_536,
        helloTimeoutMs: 5_000,
      },
      http: { bodyBytes: 1_048_576 },
      journal: { maxBytes: 10_737_418_240, segmentBytes: 67_108_864, commitDelayMs: 5 },
      duckdb: { memory: '128MB', retentionDays: 0 },
      influx: { url: null, database: 'fieldline', tags: [] },
      mqtt: { url: null, port: null, prefix: 'fieldline/v1', commands: false },
      metrics: { public: false },
      live: { maxViewers: 1_000, maxViewersPerPrincipal: 200 },
    });
  });

  it('takes its own defaults as valid', () => {
    const yaml = configYaml(loadConfig({}));
    expect(loadConfig({}, { file: file(yaml) })).toEqual(loadConfig({}));
  });

  it('is deeply frozen', () => {
    const config = loadConfig({ FIELDLINE_ORIGINS: 'https://a.example' });
    expect(Object.isFrozen(config)).toBe(true);
    expect(Object.isFrozen(config.journal)).toBe(true);
    expect(Object.isFrozen(config.origins)).toBe(true);
  });

  it('reads the environment', () => {
    const config = loadConfig({
      FIELDLINE_PORT: '9000',
      FIELDLINE_ORIGINS: 'https://a.example, http://b.example:8080',
      FIELDLINE_METRICS_PUBLIC: 'true',
      FIELDLINE_JOURNAL_MAX_BYTES: '10GB',
      FIELDLINE_DEVICE_HEARTBEAT_MS: '1.5s',
      FIELDLINE_RATE_LIMIT: '0',
    });
    expect(config.port).toBe(9000);
    expect(config.origins).toEqual(['https://a.example', 'http://b.example:8080']);
    expect(config.metrics.public).toBe(true);
    expect(config.journal.maxBytes).toBe(10_000_000_000);
    expect(config.device.heartbeatMs).toBe(1_500);
    expect(config.rateLimit).toBe(0);
  });

  it('takes an empty variable as not set', () => {
    expect(loadConfig({ FIELDLINE_PORT: '', FIELDLINE_MQTT_URL: '' }).port).toBe(8080);
  });

  it('lets the environment override the file, and the file the defaults', () => {
    const path = file('port: 9000\njournal:\n  segmentBytes: 32MiB\n  maxBytes: 1GiB\ninflux:\n');
    const config = loadConfig({ FIELDLINE_PORT: '9001' }, { file: path });
    expect(config.port).toBe(9001);
    expect(config.journal.segmentBytes).toBe(33_554_432);
    expect(config.influx.database).toBe('fieldline');
  });

  it('finds the file in FIELDLINE_CONFIG, unless one is given', () => {
    const path = file('port: 9000');
    expect(loadConfig({ FIELDLINE_CONFIG: path }).port).toBe(9000);
    expect(loadConfig({ FIELDLINE_CONFIG: '/does/not/exist' }, { file: path }).port).toBe(9000);
  });

  it("leaves the command line's variables alone", () => {
    expect(() => loadConfig({ FIELDLINE_URL: 'http://hub', FIELDLINE_API_TOKEN: 'x' })).not.toThrow();
  });

  it('takes a file that is empty, or holds only comments', () => {
    expect(loadConfig({}, { file: file('# nothing yet\n') }).port).toBe(8080);
    expect(loadConfig({}, { file: file('') }).port).toBe(8080);
  });

  it('resolves aliases', () => {
    const yaml = 'device: &d\n  window: 8\n  rateBurst: &n 7\nlive:\n  maxViewers: *n\n';
    expect(loadConfig({}, { file: file(yaml) }).live.maxViewers).toBe(7);
  });
});

describe('ConfigError', () => {
  it('lists all problems of both sources, with their places and what is allowed', () => {
    const problems = problemsOf(
      { FIELDLINE_PORT: '70000', FIELDLINE_PROT: '1' },
      'data: ./d\njournal:\n  maxbytes: 1\n  commitDelayMs: soon\nlogLevel: loud\n',
    );
    const path = join(directory, 'fieldline.yaml');
    expect(problems).toEqual([
      {
        key: 'journal.maxbytes',
        where: `${path}:3:3`,
        reason: 'there is no such key',
        suggestion: 'journal.maxBytes',
      },
      {
        key: 'journal.commitDelayMs',
        where: `${path}:4:18`,
        reason: '"soon" will not do',
        allowed: 'a duration from 0 to 1000 ms, as an integer or such as 20s or 250ms',
      },
      {
        key: 'logLevel',
        where: `${path}:5:11`,
        reason: '"loud" will not do',
        allowed: 'one of trace, debug, info, warn, error, fatal, silent',
      },
      {
        key: 'port',
        where: 'FIELDLINE_PORT',
        reason: '"70000" will not do',
        allowed: 'an integer from 0 to 65535',
      },
      {
        key: 'FIELDLINE_PROT',
        where: 'FIELDLINE_PROT',
        reason: 'there is no such setting',
        suggestion: 'FIELDLINE_PORT',
      },
    ]);
  });

  it('passes over what the same shell says to the bridge, the command line and npm start', () => {
    const others = { FIELDLINE_BRIDGE_TOKEN: 'fld_x', FIELDLINE_URL: 'http://a', FIELDLINE_DEMO: '0' };
    expect(problemsOf(others)).toEqual([]);
  });

  it('says everything in its message', () => {
    const error = new ConfigError(problemsOf({ FIELDLINE_PORT: 'x', FIELDLINE_DAT: 'y' }));
    expect(error.code).toBe('bad_config');
    expect(error.message).toBe(
      'The configuration has 2 problems:\n' +
        '  port (FIELDLINE_PORT): "x" will not do; allowed is an integer from 0 to 65535\n' +
        '  FIELDLINE_DAT: there is no such setting; did you mean FIELDLINE_DATA?',
    );
  });

  it.each([
    ['FIELDLINE_PORT', '-1'],
    ['FIELDLINE_PORT', '80.5'],
    ['FIELDLINE_PORT', '0x50'],
    ['FIELDLINE_HOST', 'http://a'],
    ['FIELDLINE_HOST', ' '],
    ['FIELDLINE_ORIGINS', 'a.example'],
    ['FIELDLINE_ORIGINS', 'https://a.example/'],
    ['FIELDLINE_ORIGINS', 'https://A.example'],
    ['FIELDLINE_ORIGINS', 'https://a.example:443'],
    ['FIELDLINE_METRICS_PUBLIC', 'yes'],
    ['FIELDLINE_HTTP_BODY_BYTES', '1 MegaByte'],
    ['FIELDLINE_HTTP_BODY_BYTES', '1025.5'],
    ['FIELDLINE_DUCKDB_MEMORY', '256'],
    ['FIELDLINE_DUCKDB_MEMORY', '31.9MB'],
    ['FIELDLINE_DUCKDB_MEMORY', '100KiB'],
    ['FIELDLINE_DEVICE_HEARTBEAT_MS', '2 weeks'],
    ['FIELDLINE_INFLUX_URL', '127.0.0.1:8086'],
    ['FIELDLINE_INFLUX_URL', 'mqtt://127.0.0.1'],
    ['FIELDLINE_INFLUX_URL', 'http://'],
    ['FIELDLINE_INFLUX_URL', 'http://127.0.0.1:8086/query?db=x'],
    ['FIELDLINE_INFLUX_URL', 'http://127.0.0.1:8086/#x'],
    ['FIELDLINE_MQTT_URL', 'http://127.0.0.1'],
    ['FIELDLINE_MQTT_URL', 'mqtt://a:port'],
    ['FIELDLINE_MQTT_PORT', '65536'],
    ['FIELDLINE_MQTT_PORT', 'any'],
    ['FIELDLINE_MQTT_PREFIX', 'a/#'],
    ['FIELDLINE_ADMIN_TOKEN', 'short'],
    ['FIELDLINE_ADMIN_TOKEN', 'with a space in it'],
    ['FIELDLINE_INFLUX_TOKEN', 'two\nlines'],
    ['FIELDLINE_INFLUX_TOKEN', 'clé→'],
  ])('refuses %s=%s', (name, value) => {
    expect(problemsOf({ [name]: value })).toHaveLength(1);
  });

  it('never shows a secret', () => {
    const [problem] = problemsOf({ FIELDLINE_ADMIN_TOKEN: 'geh eim' });
    expect(JSON.stringify(problem)).not.toContain('geh eim');
  });

  it.each([
    'amqp://hub:geheim@broker',
    'mqtt://hub:geheim@broker:port',
    'mqtt://hub:geh@geheim@broker:port',
    'mqtt:hub:geheim@broker',
    'mqtt://:geheim@broker with a space',
  ])('never shows the password of %s', (url) => {
    const [problem] = problemsOf({ FIELDLINE_MQTT_URL: url });
    expect(problem?.reason).toContain('broker');
    expect(JSON.stringify(problem)).not.toContain('geheim');
  });

  it('says which memory is too little for the history, and how much is enough', () => {
    expect(problemsOf({ FIELDLINE_DUCKDB_MEMORY: '1KB' })).toEqual([
      {
        key: 'duckdb.memory',
        where: 'FIELDLINE_DUCKDB_MEMORY',
        reason: '1KB is too little',
        allowed: 'a size of at least 32MB, such as 256MB or 1GiB',
      },
    ]);
    expect(loadConfig({ FIELDLINE_DUCKDB_MEMORY: '32MB' }).duckdb.memory).toBe('32MB');
  });

  it('checks what only two settings together can get wrong', () => {
    const problems = problemsOf({ FIELDLINE_JOURNAL_MAX_BYTES: '100MiB' });
    expect(problems.map(({ key }) => key)).toEqual(['journal.maxBytes']);
  });

  it.each([
    ['port: [', /:1:8$/],
    ['port: 1\nport: 2\n', /:2:1$/],
    ['- port\n', /:1:1$/],
    ['journal: 5\n', /:1:10$/],
    ['1: 2\n', /:1:1$/],
    ['adminToken: 12345678\n', /:1:13$/],
    ['host: *nowhere\n', /:1:7$/],
    ['port: 1\n---\nport: 2\n', /:2:1$/],
    ['__proto__:\n  port: 1\n', /:1:1$/],
  ])('gives the position in %j', (yaml, where) => {
    const problems = problemsOf({}, yaml);
    expect(problems).toHaveLength(1);
    expect(problems[0]?.where).toMatch(where);
  });

  it('says when a text lacks its quotes', () => {
    expect(problemsOf({}, 'influx:\n  database: 0815\n')[0]?.reason).toBe(
      '815 is not a text: put it in quotes',
    );
    expect(problemsOf({}, 'adminToken: 12345678\n')[0]?.reason).toBe(
      'the value is not a text: put it in quotes',
    );
  });

  it('is all that is ever thrown, whatever the file and the environment hold', () => {
    const key = fc.oneof(
      fc.constantFrom(...describeConfig().map((setting) => setting.key.split('.'))),
      fc.array(fc.string()),
    );
    const value = fc.oneof(fc.string(), fc.anything({ maxDepth: 2, withNullPrototype: false }));
    const tree = fc.array(fc.tuple(key, value), { maxLength: 5 }).map((entries) => {
      const document = new Document({});
      for (const [path, leaf] of entries) {
        try {
          document.setIn(path, document.createNode(leaf));
        } catch {
          // Not everything can be written as YAML, or stand below everything.
        }
      }
      return String(document);
    });
    const env = fc.dictionary(
      fc.constantFrom(...describeConfig().map((setting) => setting.env)),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.oneof(tree, fc.string()), env, (yaml, variables) => {
        try {
          expect(Object.isFrozen(loadConfig(variables, { file: file(yaml) }))).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(ConfigError);
        }
        expect(Object.keys(Object.prototype)).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it('says when the file cannot be read', () => {
    expect(() => loadConfig({ FIELDLINE_CONFIG: join(directory, 'missing.yaml') })).toThrow(
      /missing\.yaml.*ENOENT/s,
    );
  });
});

describe('addresses of servers', () => {
  it.each([
    ['FIELDLINE_INFLUX_URL', 'http://127.0.0.1:8086'],
    ['FIELDLINE_INFLUX_URL', 'https://influx.example/base'],
    ['FIELDLINE_INFLUX_TAGS', 'site,room'],
    ['FIELDLINE_MQTT_URL', 'mqtt://127.0.0.1'],
    ['FIELDLINE_MQTT_URL', 'mqtts://hub:secret@broker.example:8883'],
    ['FIELDLINE_MQTT_URL', 'ws://[::1]:9001/mqtt'],
    ['FIELDLINE_MQTT_URL', 'wss://broker.example/mqtt'],
    ['FIELDLINE_MQTT_PORT', '1883'],
    ['FIELDLINE_MQTT_PORT', '0'],
    ['FIELDLINE_MQTT_COMMANDS', 'true'],
  ])('%s=%s is taken', (env, value) => {
    expect(problemsOf({ [env]: value })).toEqual([]);
  });

  it.each(['device', 'site,time'])('the tags %s are refused', (tags) => {
    expect(problemsOf({ FIELDLINE_INFLUX_TAGS: tags })[0]?.key).toBe('influx.tags');
  });
});

describe('secrets', () => {
  it('are masked where they are set', () => {
    const config = loadConfig({
      FIELDLINE_ADMIN_TOKEN: 'correct-horse',
      FIELDLINE_INFLUX_PASSWORD: 'staple',
      FIELDLINE_INFLUX_URL: 'http://influx:8086',
      FIELDLINE_MQTT_URL: 'mqtt://hub:battery@broker:1883',
    });
    const masked = maskSecrets(config);
    expect(masked.adminToken).toBe('••••');
    expect(masked.influx.password).toBe('••••');
    expect(masked.influx.token).toBeNull();
    expect(masked.influx.url).toBe('http://influx:8086');
    expect(masked.mqtt.url).toBe('mqtt://hub:••••@broker:1883');
    expect(config.adminToken).toBe('correct-horse');
    expect(parse(configYaml(config))).toEqual(masked);
  });
});

describe('describeConfig', () => {
  it('knows every key once, with its name in the environment', () => {
    const described = describeConfig();
    expect(new Set(described.map(({ env }) => env)).size).toBe(described.length);
    expect(described.find(({ key }) => key === 'mqtt.commands')?.env).toBe('FIELDLINE_MQTT_COMMANDS');
    expect(described.find(({ key }) => key === 'journal.minFreeBytes')).toMatchObject({
      env: 'FIELDLINE_JOURNAL_MIN_FREE_BYTES',
      default: '256MiB',
    });
    expect(described.filter(({ secret }) => secret).map(({ key }) => key)).toEqual([
      'adminToken',
      'influx.password',
      'influx.token',
      'mqtt.password',
      'alarms.webhook.secret',
      'alarms.webhook.authorization',
      'alarms.email.password',
      'grafana.live.token',
    ]);
  });

  it('makes a table with a row for each', () => {
    const lines = configMarkdown().trimEnd().split('\n');
    expect(lines).toHaveLength(describeConfig().length + 2);
    expect(lines[3]).toBe(
      '| `port` | `FIELDLINE_PORT` | `8080` | Port to listen on; 0 takes any free one. Allowed: an integer from 0 to 65535. |',
    );
  });
});
