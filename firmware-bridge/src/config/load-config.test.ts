import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConfigError } from './config-error.js';
import { settingsMarkdown } from './describe.js';
import { loadConfig } from './load-config.js';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'fieldline-bridge-config-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

const fromFlags = (flags: Record<string, string | boolean>, env: NodeJS.ProcessEnv = {}) =>
  loadConfig({ file: undefined, flags }, env);

function fromYaml(text: string) {
  const file = join(directory, 'bridge.yaml');
  writeFileSync(file, text);
  return loadConfig({ file, flags: {} }, {});
}

/** The lines of what is wrong, with `bridge.yaml` in place of its path. */
function problems(load: () => unknown): string[] {
  try {
    load();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.message.replaceAll(`${directory}/`, '').split('\n  ').slice(1);
  }
  throw new Error('there is nothing wrong');
}

const BOARD = { path: '/dev/ttyUSB0', device: 'a', token: 'fld_x' };
const LINE = 'path: /dev/ttyUSB0, device: a, token: fld_x';

describe('flags', () => {
  it('describe one board, with defaults', () => {
    expect(fromFlags(BOARD)).toEqual({
      url: 'http://127.0.0.1:8080',
      data: 'bridge-data',
      queue: { maxBytes: 256 * 1024 * 1024, whenFull: 'drop_oldest' },
      metrics: null,
      ports: [
        {
          name: 'a',
          match: { path: '/dev/ttyUSB0' },
          baud: 115_200,
          framing: 'lines',
          reset: false,
          maxLineBytes: 1_024,
          credential: { device: 'a', token: 'fld_x' },
          profile: null,
        },
      ],
    });
  });

  it('leave secrets to the environment', () => {
    const env = { FIELDLINE_BRIDGE_TOKEN: 'fld_env', FIELDLINE_URL: 'http://hub.lan:8080/' };
    const { url, ports } = fromFlags({ path: '/dev/ttyUSB0', device: 'a' }, env);
    expect([url, ports[0]?.credential]).toEqual(['http://hub.lan:8080', { device: 'a', token: 'fld_env' }]);
    expect(fromFlags(BOARD, env).ports[0]?.credential).toMatchObject({ token: 'fld_x' });
    const claim = fromFlags({ path: '/dev/serial/by-id/usb-a_b:c-if00', claimKey: 'flc_x' }, env).ports[0];
    expect(claim).toMatchObject({
      name: 'usb-a_b-c-if00',
      credential: { claimKey: 'flc_x', hardwareId: null },
    });
  });

  it('say what is wrong by the name of the flag, and repeat no secret', () => {
    expect(problems(() => fromFlags({ ...BOARD, baud: 'fast', token: 'not a token' }))).toEqual([
      '--baud: "fast" will not do; allowed is a whole number from 50 to 4000000',
      '--token: the value will not do; allowed is a device token',
    ]);
    expect(problems(() => fromFlags({ device: 'a', token: 'x' }))).toEqual([
      '--port: is missing; allowed is the path of a serial port; fieldline-bridge list shows what is there',
    ]);
    expect(problems(() => fromFlags({ ...BOARD, claimKey: 'flc_x' }))).toEqual([
      '--claim-key: there is token, too; allowed is one of the two',
    ]);
  });
});

describe('a file', () => {
  it('describes many boards', () => {
    writeFileSync(join(directory, 'token'), 'fld_file\n');
    const { metrics, queue, ports } = fromYaml(`
metrics: 9464
queue: { maxBytes: 1GiB, whenFull: refuse }
ports:
  - { ${LINE}, baud: 9600, reset: true, maxLineBytes: 256 }
  - { usb: { vendor: "2341", product: "0043", serial: "7503" }, framing: cobs, device: b, tokenFile: ${directory}/token }
`);
    expect(metrics).toEqual({ host: '127.0.0.1', port: 9464 });
    expect(queue).toEqual({ maxBytes: 1024 ** 3, whenFull: 'refuse' });
    expect(ports[0]).toMatchObject({ name: 'a', baud: 9_600, reset: true, maxLineBytes: 256 });
    expect(ports[1]).toMatchObject({
      match: { vendorId: '2341', productId: '0043', serialNumber: '7503' },
      framing: 'cobs',
      maxLineBytes: 1_040,
      credential: { device: 'b', token: 'fld_file' },
    });
  });

  it.each([
    ['ports: []', 'ports (bridge.yaml): there are none; allowed is a list of at least one'],
    ['ports: 5', 'ports (bridge.yaml:1:8): is not a list; allowed is a list of ports'],
    ['quue: {}', 'quue (bridge.yaml:1:1): there is no such key; did you mean queue?'],
    [
      'queue: { maxBytes: 1KiB }',
      'queue.maxBytes (bridge.yaml:1:20): "1KiB" will not do; allowed is a size from 64KiB to 1TiB, such as 64MiB',
    ],
    [
      `ports:\n  - { ${LINE}, buad: 9600 }`,
      'ports[0].buad (bridge.yaml:2:52): there is no such key; did you mean baud?',
    ],
    [
      `ports:\n  - { ${LINE}, hardwareId: x }`,
      'ports[0].hardwareId (bridge.yaml:2:5): is of use with a claim key only',
    ],
    [
      `ports:\n  - { ${LINE} }\n  - { ${LINE} }`,
      'ports[1].name (bridge.yaml:3:5): "a" is another port\'s, too',
    ],
    [
      'ports:\n  - { usb: { vendor: 2341, product: "0043" } }',
      'ports[0].usb.vendor (bridge.yaml:2:22): 2341 will not do; allowed is four hexadecimal digits in quotes, "2341"',
    ],
    [
      `ports:\n  - { path: /dev/a, device: a, tokenFile: /nowhere }`,
      "ports[0].tokenFile (bridge.yaml:2:5): cannot be read: ENOENT: no such file or directory, open '/nowhere'",
    ],
    [
      'url: [',
      'YAML (bridge.yaml:1:7): Flow sequence in block collection must be sufficiently indented and end with a ]',
    ],
  ])('%j is refused', (text, problem) => expect(problems(() => fromYaml(text))[0]).toBe(problem));

  it('that is not there is said by its name', () => {
    expect(problems(() => loadConfig({ file: '/nowhere.yaml', flags: {} }, {}))[0]).toMatch(
      /^the configuration file \(\/nowhere\.yaml\): cannot be read/,
    );
  });
});

it('the documentation has the table of the settings', () => {
  const page = readFileSync(new URL('../../../docs/firmware-bridge.md', import.meta.url), 'utf8');
  expect(page).toContain(settingsMarkdown());
});
