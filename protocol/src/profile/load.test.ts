import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { Compile } from 'typebox/compile';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ProfileError } from './fault.js';
import { loadProfile, loadProfiles } from './load.js';
import { ProfileDocument } from './schema.js';
import { shapeFaults } from './shape.js';

const ENV_SENSOR = `profile: env-sensor
title: Environment sensor
mode: learn            # learn: unknown metrics are accepted and typed; strict: rejected
interval: 10s          # expected; drives staleness
metrics:
  temperature: { type: number, unit: Cel, title: Temperature, min: -40, max: 125, decimals: 1, warn: { above: 40 }, alarm: { above: 60 } }
  door:        { type: boolean, title: Door open }
  relay:       { type: boolean }
  battery:     { type: number, unit: V, min: 0, max: 5, alarm: { below: 3.3, for: 5m } }
commands:
  relay.set: { title: Switch the relay, params: { on: { type: boolean, required: true } }, timeout: 5s, expect: { metric: relay, equals: $on, within: 3s } }
config:
  interval: { type: integer, min: 100, unit: ms, default: 10000 }
simulate:
  temperature: { wave: sine, period: 24h, mean: 21, amplitude: 4, noise: 0.2 }
`;

/** The lines of the error that a text gives. */
function faultsOf(text: string): string[] {
  try {
    loadProfile(text, 'a.yaml');
  } catch (error) {
    if (error instanceof ProfileError) return error.message.split('\n');
    throw error;
  }
  return [];
}

describe('loadProfile', () => {
  it('reads a whole profile', () => {
    const profile = loadProfile(ENV_SENSOR, 'env-sensor.yaml');
    expect(profile).toMatchObject({
      name: 'env-sensor',
      title: 'Environment sensor',
      mode: 'learn',
      intervalMs: 10_000,
    });
    expect(profile.metrics.get('temperature')).toEqual({
      name: 'temperature',
      title: 'Temperature',
      description: null,
      type: 'number',
      integer: false,
      unit: 'Cel',
      min: -40,
      max: 125,
      enum: null,
      decimals: 1,
      warn: { above: 40, below: null, equals: null, hysteresis: 0, forMs: 0 },
      alarm: { above: 60, below: null, equals: null, hysteresis: 0, forMs: 0 },
    });
    expect(profile.metrics.get('battery')?.alarm?.forMs).toBe(300_000);
    expect(profile.metrics.get('toString')).toBeUndefined();
    expect(profile.commands.get('relay.set')).toMatchObject({
      danger: false,
      timeoutMs: 5_000,
      expect: { metric: 'relay', equals: { param: 'on' }, tolerance: 0, withinMs: 3_000 },
    });
    expect(profile.config.get('interval')).toMatchObject({ type: 'number', integer: true, default: 10_000 });
    expect(profile.simulate.get('temperature')).toMatchObject({
      wave: 'sine',
      periodMs: 86_400_000,
      noise: 0.2,
    });
    expect(profile.document.profile).toBe('env-sensor');
  });

  it('says how long InfluxDB keeps single readings', () => {
    const profile = loadProfile('profile: x\nretention: 30d\nmetrics: {}\n', 'x.yaml');
    expect(profile.retentionMs).toBe(30 * 86_400_000);
  });

  it('needs no more than a name and metrics', () => {
    const profile = loadProfile('profile: x\nmetrics: {}\n', 'x.yaml');
    expect(profile).toMatchObject({ title: 'x', mode: 'learn', intervalMs: null, retentionMs: null });
  });

  it('names the unknown key, where it stands, and the one that was meant', () => {
    expect(faultsOf('profile: x\nmetrics:\n  t: { type: number, untis: Cel }\n')).toEqual([
      expect.stringMatching(
        /^a\.yaml:3:22 metrics\.t\.untis: unknown key; did you mean unit\? \(allowed: type, unit, /,
      ),
    ]);
  });

  it('reports every issue of a file at once', () => {
    const faults = faultsOf(
      'profile: x\ninterval: 10\nmode: strickt\nmetrics:\n  a: { unit: Cel }\n  b:\n    type: number\n    min: low\n',
    );
    expect(faults).toEqual([
      'a.yaml:2:11 interval: a text expected, got 10 (such as 250ms, 10s, 5m, 24h)',
      'a.yaml:3:7 mode: "strickt" is none of the known words; did you mean strict? (allowed: learn, strict)',
      'a.yaml:5:6 metrics.a: type is missing (allowed: number, integer, boolean, string)',
      'a.yaml:8:10 metrics.b.min: a number expected, got "low"',
    ]);
  });

  it.each([
    [
      'a range that is empty',
      'metrics: { t: { type: number, min: 5, max: 5 } }',
      'metrics.t.min: 5 is not below max (5)',
    ],
    [
      'a bound on a text',
      'metrics: { t: { type: string, max: 5 } }',
      'metrics.t.max: applies to numbers, not to string',
    ],
    [
      'a name that no metric may have',
      'metrics: { time: { type: number } }',
      'metrics.time: not a valid name',
    ],
    [
      'a name that reaches the prototype',
      'metrics: { __proto__: { type: number } }',
      'metrics.__proto__: not a valid name',
    ],
    [
      'an alarm that cannot come',
      'metrics: { t: { type: number, max: 5, alarm: { above: 6 } } }',
      'never reached',
    ],
    [
      'an alarm without a condition',
      'metrics: { t: { type: number, alarm: { for: 5m } } }',
      'above, below or equals is missing',
    ],
    [
      'an alarm that always holds',
      'metrics: { t: { type: number, warn: { above: 1, below: 2 } } }',
      'always true',
    ],
    [
      'a list of the wrong type',
      'metrics: { t: { type: integer, enum: [1, 1.5] } }',
      'metrics.t.enum[1]: 1.5 is not of type integer',
    ],
    ['a list that repeats itself', 'metrics: { t: { type: string, enum: [a, a] } }', '"a" is there twice'],
    ['a duration of nothing', 'interval: 0s\nmetrics: {}', 'interval: "0s" does not fit'],
    [
      'a retention that InfluxDB cannot have',
      'retention: 59m\nmetrics: {}',
      'retention: at least 1h, got 59m',
    ],
    [
      'an expectation of an unknown metric',
      'metrics: { relay: { type: boolean } }\ncommands: { c: { expect: { metric: relai, equals: true } } }',
      'commands.c.expect.metric: no metric relai; did you mean relay? (metrics: relay)',
    ],
    [
      'an expectation of an unknown parameter',
      'metrics: { relay: { type: boolean } }\ncommands: { c: { params: { off: { type: boolean } }, expect: { metric: relay, equals: $on } } }',
      'commands.c.expect.equals: the command has no parameter on (parameters: off)',
    ],
    [
      'an expectation of another type',
      'metrics: { relay: { type: boolean } }\ncommands: { c: { params: { on: { type: integer } }, expect: { metric: relay, equals: $on } } }',
      'parameter on is integer, metric relay is boolean',
    ],
    [
      'a default outside of the range',
      'metrics: {}\nconfig: { n: { type: integer, min: 100, default: 5 } }',
      'config.n.default: 5 is below min (100)',
    ],
    [
      'a signal for an unknown metric',
      'metrics: { t: { type: number } }\nsimulate: { u: { wave: sine } }',
      'simulate.u: no metric u',
    ],
    [
      'a wave that cannot make the type',
      'metrics: { d: { type: boolean } }\nsimulate: { d: { wave: sine, amplitude: 1, period: 5m } }',
      'simulate.d.wave: sine makes numbers, but the metric is boolean',
    ],
    [
      'a wave without what it needs',
      'metrics: { t: { type: number } }\nsimulate: { t: { wave: sine, amplitude: 1 } }',
      'simulate.t: period is missing for sine',
    ],
    [
      'a field that the wave does not use',
      'metrics: { t: { type: number } }\nsimulate: { t: { wave: constant, mean: 1, step: 2 } }',
      'simulate.t.step: constant does not use it',
    ],
  ])('refuses %s', (_, body, reason) => {
    expect(faultsOf(`profile: x\n${body}\n`).join('\n')).toContain(reason);
  });

  it.each([
    ['a key twice', 'profile: x\nmetrics: {}\nmetrics: {}\n', 'a.yaml:3:1 Map keys must be unique'],
    ['a bracket that stays open', 'profile: [x\n', 'a.yaml:2:1 '],
    ['an unknown tag', 'profile: !secret x\nmetrics: {}\n', 'a.yaml:1:10 Unresolved tag'],
    ['an empty file', '', 'a.yaml:1:1 a map expected, got nothing'],
    ['an alias to nothing', 'profile: *x\nmetrics: {}\n', 'a.yaml:1:1 '],
  ])('refuses %s', (_, text, reason) => {
    expect(faultsOf(text).join('\n')).toContain(reason);
  });

  it('refuses a file whose aliases multiply', () => {
    const levels = Array.from({ length: 20 }, (_, i) => `l${i + 1}: &l${i + 1} [*l${i}, *l${i}]`).join('\n');
    expect(faultsOf(`l0: &l0 [x]\n${levels}\n`).join('\n')).toMatch(/alias/i);
  });

  it('never throws anything but a ProfileError', () => {
    const piece = fc.constantFrom(
      ...ENV_SENSOR.split(/(?<=[ :{},\n])/),
      '\0',
      '- ',
      '&a ',
      '*a',
      '? ',
      '<<: ',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
        faultsOf(pieces.join(''));
      }),
    );
  });
});

describe('shapeFaults', () => {
  it('accepts exactly what the schema accepts', () => {
    const validator = Compile(ProfileDocument);
    const scalar = fc.oneof(
      fc.constantFrom('number', 'boolean', 'x', '10s', 'sine', 'strict', '', 'a'.repeat(200)),
      fc.boolean(),
      fc.integer({ min: -5, max: 12 }),
      fc.double({ min: -2, max: 2, noNaN: true }),
      fc.constant(null),
    );
    const fields = (keys: string[]) =>
      fc.dictionary(fc.constantFrom(...keys, 'odd'), fc.oneof(scalar, fc.array(scalar, { maxLength: 2 })), {
        maxKeys: 4,
      });
    const document = fc.record(
      {
        profile: fc.constantFrom('x', 'no spaces', 7),
        mode: scalar,
        interval: scalar,
        metrics: fc.dictionary(
          fc.constantFrom('t', 'u'),
          fields(['type', 'unit', 'min', 'decimals', 'enum', 'warn']),
        ),
        simulate: fc.dictionary(
          fc.constantFrom('t', 'u'),
          fields(['wave', 'mean', 'every', 'probability', 'values']),
        ),
      },
      { requiredKeys: ['profile', 'metrics'] },
    );
    fc.assert(
      fc.property(document, (value) => {
        expect(shapeFaults(value, ProfileDocument).length === 0).toBe(validator.Check(value));
      }),
      { numRuns: 500 },
    );
  });
});

describe('loadProfiles', () => {
  async function directory(files: Record<string, string>): Promise<string> {
    const dir = await mkdtemp(join(tmpdir(), 'profiles-'));
    onTestFinished(() => rm(dir, { recursive: true }));
    for (const [name, text] of Object.entries(files)) await writeFile(join(dir, name), text);
    return dir;
  }

  it('reads every YAML file by the name inside it', async () => {
    const dir = await directory({
      'a.yaml': 'profile: one\nmetrics: {}\n',
      'b.yml': 'profile: two\nmetrics: {}\n',
      '.c.yaml': 'left by an editor',
      'readme.md': '# not a profile',
    });
    expect([...(await loadProfiles(dir)).keys()]).toEqual(['one', 'two']);
  });

  it('takes a missing directory for an empty one', async () => {
    const dir = await directory({});
    expect(await loadProfiles(join(dir, 'missing'))).toEqual(new Map());
  });

  it('refuses two files with one name, and reports all files together', async () => {
    const dir = await directory({
      'a.yaml': 'profile: one\nmetrics: {}\n',
      'b.yaml': 'title: x\nprofile: one\nmetrics: {}\n',
      'c.yaml': 'profile: three\n',
    });
    await expect(loadProfiles(dir)).rejects.toThrow(
      /b\.yaml:2:10 profile: one is also the profile of .*a\.yaml\n.*c\.yaml:1:1 metrics is missing/,
    );
  });
});
