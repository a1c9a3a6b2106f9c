import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { cHeader } from './c-header.js';
import { loadProfile } from './load.js';

const shipped = (name: string) => {
  const file = new URL(`../../../profiles/${name}.yaml`, import.meta.url);
  return loadProfile(readFileSync(file, 'utf8'), name).document;
};

it('names metrics, limits, commands and configuration, each with its unit and title', () => {
  const header = cHeader(shipped('env-sensor'));
  const lines = header.split('\n');
  for (const line of [
    '#ifndef ENV_SENSOR_H',
    '#define ENV_SENSOR_PROFILE "env-sensor"',
    '#define ENV_SENSOR_INTERVAL_MS 10000',
    '/* Temperature: number, Cel, -40 to 125 */',
    '#define ENV_SENSOR_TEMPERATURE "temperature"',
    '#define ENV_SENSOR_TEMPERATURE_MIN (-40.0)',
    '#define ENV_SENSOR_TEMPERATURE_MAX 125.0',
    '#define ENV_SENSOR_TEMPERATURE_DECIMALS 1',
    '#define ENV_SENSOR_RSSI_MIN (-120)',
    '  ENV_SENSOR_ID_TEMPERATURE,',
    '  ENV_SENSOR_METRICS',
    '} env_sensor_metric;',
    '/* Switch the relay. It is to be answered within 5s. The hub then expects relay to be the parameter on within 3s. */',
    '#define ENV_SENSOR_COMMAND_RELAY_SET "relay.set"',
    '/* On: boolean, required */',
    '#define ENV_SENSOR_COMMAND_RELAY_SET_ON "on"',
    'void env_sensor_relay_set(fl_call *call, void *user);',
    '#define ENV_SENSOR_COMMAND_IDENTIFY_SECONDS_DEFAULT 10',
    '#define ENV_SENSOR_COMMANDS {{ENV_SENSOR_COMMAND_RELAY_SET, env_sensor_relay_set}, {ENV_SENSOR_COMMAND_IDENTIFY, env_sensor_identify}}',
    '#define ENV_SENSOR_COMMAND_COUNT 2',
    '#define ENV_SENSOR_CONFIG_INTERVAL "interval"',
    '#define ENV_SENSOR_CONFIG_INTERVAL_MAX 3600000',
  ]) {
    expect(lines).toContain(line);
  }
  expect(cHeader(shipped('env-sensor'))).toBe(header);
});

it('leaves out what the profile does not have', () => {
  const header = cHeader({ profile: 'plain', metrics: { on: { type: 'boolean' } } });
  expect(header).not.toMatch(/COMMAND|CONFIG|INTERVAL|MIN|MAX/);
});

it('gives each thing a name of its own, and keeps texts inside their comments', () => {
  const header = cHeader({
    profile: '3d.printer',
    title: 'Ends */ here \\',
    metrics: {
      'a.b': { type: 'number', min: 0 },
      a_b: { type: 'number', min: -0.5 },
      a_b_MIN: { type: 'integer', max: 2 ** 40, title: 'a /* b\n#error no' },
      mode: { type: 'string', enum: ['idle', '*/'] },
    },
    config: { greeting: { type: 'string', default: 'say "hi"\n??/' } },
  });
  const defined = [...header.matchAll(/^#define (\w+)/gm)].map(([, name]) => name);
  expect(new Set(defined).size).toBe(defined.length);
  expect(header).toContain('#define P3D_PRINTER_A_B_2 "a_b"');
  expect(header).toContain('#define P3D_PRINTER_A_B_MIN_2 (-0.5)');
  expect(header).toContain('_MAX 1099511627776.0');
  expect(header).toContain('#define P3D_PRINTER_CONFIG_GREETING_DEFAULT "say \\"hi\\"\\012?\\?/"');
  expect(header).toContain('Ends * / here');
  expect(header).not.toMatch(/^#error/m);
  expect(header.match(/\/\*/g)).toHaveLength(header.match(/\*\//g)?.length ?? 0);
});
