import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ROOT, startHub } from './kit/hub-process.js';
import { run } from './kit/run.js';
import { tempDir } from './kit/temp-dir.js';

const UNITS = ['deploy/systemd', 'firmware-bridge/systemd'].map((directory) => join(ROOT, directory));
const place = tempDir('systemd');
const units = UNITS.flatMap((directory) =>
  readdirSync(directory).map((name) => join(directory, name)),
).filter((path) => /\.(service|timer)$/.test(path));
/** Part of systemd itself: nothing that a test should install where it is not. */
const isThere = existsSync('/usr/bin/systemd-analyze');

afterAll(() => place.remove());

/** The units for this machine: its node, this repository, and a user that there is. */
function installed(): string[] {
  mkdirSync(place.path, { recursive: true });
  return units.map((unit) => {
    const text = readFileSync(unit, 'utf8')
      .replaceAll('/usr/bin/node', process.execPath)
      .replaceAll('/opt/fieldline/', ROOT)
      .replaceAll(/^(User|Group)=fieldline$/gm, '$1=root');
    const path = join(place.path, basename(unit));
    writeFileSync(path, text);
    return path;
  });
}

describe.skipIf(!isThere)('the units of systemd', () => {
  it('are understood, to the last line', async () => {
    // An unknown key or section is told on standard error, and is no failure to systemd.
    const told = await run('sh', ['-c', `systemd-analyze verify --man=no ${installed().join(' ')} 2>&1`]);
    expect(told.split('\n').filter((line) => line.includes(place.path))).toEqual([]);
  });

  it.each(['fieldline', 'fieldline-bridge'])('give %s no more than it needs', async (name) => {
    const [unit] = installed().filter((path) => path.endsWith(`/${name}.service`));
    const told = await run('sh', ['-c', `systemd-analyze security --offline=yes --no-pager ${unit} 2>&1`]);
    expect(told).toMatch(new RegExp(`Overall exposure level for ${name}.service: \\d\\.\\d OK`));
  });
});

describe('the command line of a hub that systemd runs', () => {
  it('has its settings: the doctor sees its data, its port and its token', async () => {
    const hub = await startHub({ env: { FIELDLINE_ADMIN_TOKEN: '', FIELDLINE_MQTT_EMBEDDED: 'false' } });
    const settings = join(place.path, 'fieldline.env');
    const { port } = new URL(hub.url);
    writeFileSync(settings, `FIELDLINE_DATA=${hub.dataDir}\nFIELDLINE_PORT=${port}\n# a remark\n`);
    const command = join(place.path, 'fieldline');
    const script = readFileSync(join(ROOT, 'deploy/fieldline'), 'utf8')
      .replace('program=/opt/fieldline', `program=${ROOT}`)
      .replace('settings=/etc/fieldline/fieldline.env', `settings=${settings}`)
      .replace('user=fieldline', `user=${userInfo().username}`)
      .replace('exec node', `exec ${process.execPath}`);
    writeFileSync(command, script, { mode: 0o755 });
    try {
      // From a shell that knows nothing of the hub.
      const told = await run('sh', ['-c', `cd / && env -i PATH="$PATH" ${command} doctor --json`]);
      const findings = told
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { check: string; state: string; message: string });
      const found = (check: string) => findings.find((finding) => finding.check === check);
      expect(found('hub')).toMatchObject({ state: 'ok', message: expect.stringContaining(`:${port} `) });
      expect(found('data')).toMatchObject({ state: 'ok', message: expect.stringContaining(hub.dataDir) });
      expect(found('version')).toMatchObject({ state: 'ok' });
      expect(found('open files')?.state).not.toBe('skip');
    } finally {
      await hub.dispose();
    }
  });
});

describe('what the units name', () => {
  it('is in the repository', () => {
    const files = [...units, join(ROOT, 'deploy/fieldline'), join(ROOT, 'deploy/service.env')];
    for (const file of files) {
      const text = readFileSync(file, 'utf8');
      for (const [, path] of text.matchAll(/\/opt\/fieldline\/([\w./-]+)/g)) {
        expect(existsSync(join(ROOT, path ?? '')), `${file}: ${path}`).toBe(true);
      }
    }
  });
});
