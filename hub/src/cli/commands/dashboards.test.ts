import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { expect, onTestFinished, test } from 'vitest';
import { run as runProgram } from '../main.js';

/** A place with one profile, and `fieldline dashboards` to run in it. */
async function open() {
  const directory = await mkdtemp(join(tmpdir(), 'fieldline-dashboards-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const out = join(directory, 'out');
  const profiles = join(directory, 'profiles');
  await mkdir(profiles);
  await writeFile(join(profiles, 'pump.yaml'), 'profile: pump\nmetrics: { flow: { type: number } }\n');
  const run = async (args: readonly string[], env: NodeJS.ProcessEnv = {}) => {
    const stdout = new PassThrough();
    const stderr = new PassThrough();
    const code = await runProgram({
      argv: ['node', 'fieldline', 'dashboards', ...args],
      env: { FIELDLINE_PROFILES: profiles, NO_COLOR: '1', ...env },
      ...{ stdin: Object.assign(new PassThrough(), { isTTY: false }), stdout, stderr, once: () => undefined },
    });
    const read = (stream: PassThrough) => String(stream.read() ?? '');
    const said = { stdout: read(stdout), stderr: read(stderr) };
    return { code, ...said };
  };
  return { out, profiles, run, read: (path: string) => readFile(join(out, path), 'utf8') };
}

test('writes, and finds nothing to do afterwards', async () => {
  const { out, run, read } = await open();
  expect(await run(['--out', out])).toMatchObject({ code: 0, stdout: '' });
  expect(await run(['--out', out, '--check'])).toMatchObject({ code: 0, stdout: '' });
  expect(JSON.parse(await read('dashboards/fieldline-device-pump.json'))).toMatchObject({
    title: 'Device: pump',
  });
});

test('what would be written differently is named', async () => {
  const { out, run } = await open();
  await run(['--out', out]);
  expect(await run(['--out', out, '--check', '--influx-version', '2'])).toMatchObject({
    code: 1,
    stdout: 'differs   dashboards/fieldline-ingest.json\ndiffers   provisioning/datasources/fieldline.yaml\n',
  });
});

test('the address of InfluxDB is written without its credentials', async () => {
  const { out, run, read } = await open();
  await run(['--out', out], { FIELDLINE_INFLUX_URL: 'http://hub:hunter2@influx:8086' });
  const datasource = await read('provisioning/datasources/fieldline.yaml');
  expect(datasource).toContain('url: http://influx:8086\n');
  expect(datasource).not.toContain('hunter2');
});

test('a directory of profiles that is not there, and one with a wrong profile, are wrong usage', async () => {
  const { out, profiles, run } = await open();
  await run(['--out', out]);
  const missing = await run(['--out', out], { FIELDLINE_PROFILES: join(profiles, 'nowhere') });
  expect(missing).toMatchObject({ code: 2, stderr: expect.stringContaining('nowhere') });
  await writeFile(join(profiles, 'bad.yaml'), 'profile: bad\nmetrics: { x: { type: colour } }\n');
  expect(await run(['--out', out])).toMatchObject({ code: 2, stderr: expect.stringContaining('bad.yaml') });
  expect((await run(['--out', out, '--influx-version', '4'])).code).toBe(2);
  expect((await run([])).code).toBe(2);
});

test('an option without a value says nothing', async () => {
  const { out, run, read } = await open();
  const nothing = ['--alert-email=', '--hub-url=', '--influx-url='];
  expect((await run(['--out', out, ...nothing])).code).toBe(0);
  expect(await run(['--out', out, '--check'])).toMatchObject({ code: 0, stdout: '' });
  expect(await read('provisioning/alerting/fieldline-contact-points.yaml')).toMatch(/addresses: \S+@\S+/);
});

test('a hub that writes nothing of itself has no rules about it, which is said', async () => {
  const { out, run, read } = await open();
  await run(['--out', out]);
  const silent = { FIELDLINE_INFLUX_REPORT_MS: '0' };
  expect((await run(['--out', out], silent)).stderr).toContain('influx.reportMs is 0');
  const rules = await read('provisioning/alerting/fieldline-rules.yaml');
  expect(rules).toContain('groups: []');
  expect(rules.split('deleteRules:')[1]).toContain('uid: fl-hub-silent');
  expect(await run(['--out', out, '--check'], silent)).toMatchObject({ code: 0, stdout: '' });
});

test('rules that cannot be read are wrong usage, and are left as they are', async () => {
  const { out, run, read } = await open();
  await run(['--out', out]);
  await writeFile(join(out, 'provisioning/alerting/fieldline-rules.yaml'), '<<<<<<< ours\n');
  const refused = await run(['--out', out]);
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('fieldline-rules.yaml') });
  expect(await read('provisioning/alerting/fieldline-rules.yaml')).toBe('<<<<<<< ours\n');
});
