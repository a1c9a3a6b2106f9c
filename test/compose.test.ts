import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { afterAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { ComposeProject } from './kit/compose-project.js';
import { ROOT } from './kit/hub-process.js';
import { requireTool } from './kit/require-tool.js';
import { tempDir } from './kit/temp-dir.js';

interface Service {
  readonly image: string;
  readonly user: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly volumes?: readonly string[];
  readonly command?: string | readonly string[];
  readonly healthcheck?: object;
  readonly [key: string]: unknown;
}

const PROFILES = ['--profile', 'sim', '--profile', 'bridge', '--profile', 'influx2'];
const read = (name: string) => readFileSync(join(ROOT, name), 'utf8');
const text = read('docker-compose.yml');
const file = parse(text, { merge: true }) as { readonly services: Readonly<Record<string, Service>> };
const services = Object.entries(file.services);

describe('docker-compose.yml, as it is written', () => {
  it('is what Compose v2 takes', () => {
    const schema = JSON.parse(read('test/fixtures/compose-spec/schema.json')) as object;
    // Its formats (`duration`, `ports`) are its own.
    const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });
    const check = ajv.compile({ ...schema, $schema: 'http://json-schema.org/draft-07/schema#' });
    expect(check({ services: { hub: { image: 'x', cpus: [] } } })).toBe(false);
    expect(check({ services: { hub: { image: 'x', mem_limits: '1g' } } })).toBe(false);
    check(file);
    expect(check.errors).toBe(null);
  });

  it('asks for nothing that .env.example does not describe, and that describes nothing else', () => {
    const asked = [...text.matchAll(/(?<!\$)\$\{([A-Z0-9_]+)/g)].map(([, name]) => name);
    const described = [...read('.env.example').matchAll(/^([A-Z0-9_]+)=/gm)].map(([, name]) => name);
    expect([...new Set(asked)].sort()).toEqual(described.sort());
  });

  it.each(services)(
    'keeps %s apart: nobody special, nothing to write to, limits, a log that ends',
    (_name, service) => {
      expect(service.user).toMatch(/^[1-9]\d+:[1-9]\d+$/);
      expect(service).toMatchObject({
        read_only: true,
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
        mem_limit: expect.stringMatching(/^\d+[mg]$/),
        pids_limit: expect.any(Number),
        logging: { options: { 'max-size': '10m', 'max-file': '5' } },
      });
      expect(String(service.cpus)).toMatch(/^(\$\{[A-Z]+_CPUS:-)?1\}?$/);
      // A version that moves by itself is another one at the next `pull`.
      expect(service.image).toMatch(/:\d+\.\d+/);
      // What runs from the hub's image and is no hub has no health of a hub's.
      const isHealthChecked =
        service.healthcheck ?? (service.image.startsWith('fieldline/hub') ? 'of the image' : null);
      expect(isHealthChecked).toEqual(expect.any(Object));
    },
  );

  it('makes the boards for the database that the hub writes to, and for how often it does', () => {
    const { hub, dashboards, influxdb } = file.services;
    const names = ['FIELDLINE_INFLUX_DATABASE', 'FIELDLINE_INFLUX_REPORT_MS'];
    const of = (service?: Service) => names.map((name) => service?.environment?.[name]);
    expect(of(hub)).toEqual([
      expect.stringContaining('INFLUXDB_DATABASE'),
      expect.stringContaining('INFLUXDB_REPORT_MS'),
    ]);
    expect(of(dashboards)).toEqual(of(hub));
    expect(influxdb?.environment?.INFLUXDB_DB).toBe(hub?.environment?.FIELDLINE_INFLUX_DATABASE);
  });

  it('gives Grafana only what may read', () => {
    const { environment } = file.services.grafana ?? {};
    const given = Object.values(environment ?? {}).join(' ');
    const names = [...given.matchAll(/\$\{([A-Z0-9_]+)/g)].map(([, name]) => name);
    expect(names).toContain('INFLUXDB_READ_TOKEN');
    for (const name of names) expect(name).toMatch(/^(GRAFANA_|INFLUXDB_READ_)/);
  });
});

describe.runIf(requireTool('docker-compose', 'docker-compose'))('docker-compose 1.29', () => {
  const project = new ComposeProject();
  afterAll(() => project.dispose());

  it('starts nothing without .env, since no password has a default, and it says what to do', async () => {
    await expect(project.compose('config', '-q')).rejects.toThrow(/deploy\/make-env\.sh/);
  });

  it('takes the file with every profile, and .env is for its owner alone', async () => {
    await project.makeEnv();
    expect(statSync(join(project.path, '.env')).mode & 0o777).toBe(0o600);
    await project.compose(...PROFILES, 'config', '-q');
    const secrets = [
      ...['FIELDLINE_ADMIN_TOKEN', 'INFLUXDB_ADMIN_PASSWORD', 'INFLUXDB_READ_PASSWORD', 'INFLUXDB2_TOKEN'],
      ...['MQTT_HUB_PASSWORD', 'MQTT_READER_PASSWORD', 'GRAFANA_ADMIN_PASSWORD', 'GRAFANA_SECRET_KEY'],
    ];
    const made = secrets.map((name) => project.setting(name));
    expect(new Set(made).size).toBe(secrets.length);
    for (const secret of made) expect(secret.length).toBeGreaterThanOrEqual(24);
    expect(project.setting('INFLUXDB_READ_TOKEN')).toBe(
      `reader:${project.setting('INFLUXDB_READ_PASSWORD')}`,
    );
  });

  it('lets nobody in from outside unless told', async () => {
    const config = await project.compose(...PROFILES, 'config');
    const published = [...config.matchAll(/published: '?(\d+)|- (\d[\d.]+):\d+:\d+/g)].map(([line]) => line);
    expect(published.length).toBeGreaterThan(0);
    for (const line of published) expect(line).toMatch(/^- 127\.0\.0\.1:/);
  });
});

describe('the image', () => {
  it('is made without secrets: where the documents put backups and settings, neither the build nor git looks', () => {
    const written = ['docker', 'upgrading', 'operations'].flatMap((name) =>
      [...read(`docs/${name}.md`).matchAll(/(?:backup\.sh|fieldline backup) (\w[\w./-]*)(?=[\s`]|$)/g)].map(
        ([, path = '']) => path,
      ),
    );
    expect(written).toContain('backups/before-upgrade');
    const ignored = read('.dockerignore').trim().split('\n');
    const fits = (name: string, pattern: string) =>
      new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '.*')}$`).test(name);
    // Patterns of Docker that begin at the root, such as there are here; the last one that matches decides.
    const isSent = (path: string) => {
      const [top = ''] = path.split('/');
      const last = ignored.findLast((pattern) => fits(top, pattern.replace(/^!/, '')));
      return last === undefined || last.startsWith('!');
    };
    const secrets = [
      ...written,
      'before-upgrade',
      'hub.tar.gz',
      'docker-compose.override.yml',
      '.env',
      '.env.old',
    ];
    expect(secrets.filter(isSent)).toEqual([]);
    expect(['.env.example', 'package.json', 'hub'].filter((path) => !isSent(path))).toEqual([]);
    // Nor does a pattern that goes to any depth take away what the image is built by.
    const scripts = readdirSync(join(ROOT, 'scripts'));
    const anywhere = ignored
      .filter((pattern) => pattern.startsWith('**/'))
      .map((pattern) => pattern.slice(3));
    expect(anywhere).toContain('node_modules');
    expect(scripts.filter((name) => anywhere.some((pattern) => fits(name, pattern)))).toEqual([]);
    const unseen = execFileSync('git', ['check-ignore', ...secrets], { cwd: ROOT, encoding: 'utf8' });
    expect(unseen.trim().split('\n')).toEqual(secrets);
    expect(
      execFileSync('git', ['ls-files', '-ci', '--exclude-standard'], { cwd: ROOT, encoding: 'utf8' }),
    ).toBe('');
  });

  it('can be made for arm64 as for amd64: what has machine code is there for both', () => {
    const lock = JSON.parse(read('package-lock.json')) as { packages: Record<string, unknown> };
    for (const arch of ['x64', 'arm64']) {
      expect(lock.packages).toHaveProperty([`node_modules/@libsql/linux-${arch}-gnu`]);
      expect(lock.packages).toHaveProperty([`node_modules/@duckdb/node-bindings-linux-${arch}`]);
      const ports = join(ROOT, `node_modules/@serialport/bindings-cpp/prebuilds/linux-${arch}`);
      expect(readdirSync(ports)).toContainEqual(expect.stringContaining('glibc.node'));
    }
  });
});

describe('the step that makes .env', () => {
  it('and the other scripts are shell that can be parsed', () => {
    for (const [shell, name] of [
      ['sh', 'deploy/make-env.sh'],
      ['sh', 'deploy/backup.sh'],
      ['sh', 'deploy/restore.sh'],
      ['sh', 'deploy/fieldline'],
      ['bash', 'deploy/influxdb2/reader.sh'],
    ] as const) {
      execFileSync(shell, ['-n', join(ROOT, name)]);
      expect(statSync(join(ROOT, name)).mode & 0o111).not.toBe(0);
    }
  });
});

/** Stands in for Compose: says what it was asked, and fails where it is told to. */
const COMPOSE_STUB = `#!/bin/sh
echo "$*" >> "$ASKED"
case "$*" in
  *"$FAILS_AT"*) exit 1 ;;
  *FIELDLINE_INFLUX_URL*) echo "$INFLUX" ;;
  *FIELDLINE_INFLUX_DATABASE* | *INFLUXDB_DB*) echo plant ;;
  *'cat /var/backups'* | *'tar cz'*) printf x | gzip ;;
esac
`;

describe('the scripts that back up and restore', () => {
  const directory = tempDir('backup-scripts');
  afterAll(() => directory.remove());
  const at = (name: string) => join(directory.path, name);
  cpSync(join(ROOT, 'deploy'), at('deploy'), { recursive: true });
  writeFileSync(at('.env'), '');
  writeFileSync(at('compose'), COMPOSE_STUB, { mode: 0o755 });
  const script = (name: string, args: readonly string[], settings: Readonly<Record<string, string>> = {}) => {
    writeFileSync(at('asked'), '');
    const told = { INFLUX: 'http://influxdb:8086', FAILS_AT: 'nowhere', ...settings };
    const env = { ...process.env, COMPOSE: at('compose'), ASKED: at('asked'), ...told };
    const { status, stderr } = spawnSync(at(`deploy/${name}`), args, {
      cwd: directory.path,
      env,
      encoding: 'utf8',
    });
    return { status, stderr, asked: readFileSync(at('asked'), 'utf8') };
  };

  it('leave the history out only where that is said', () => {
    const elsewhere = { INFLUX: 'https://influx.example' };
    expect(script('backup.sh', ['one'], elsewhere)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('https://influx.example'),
    });
    expect(existsSync(at('one'))).toBe(false);
    expect(script('backup.sh', ['--without-history', 'one'], elsewhere).status).toBe(0);
    expect(readdirSync(at('one')).sort()).toEqual(['env', 'hub.tar.gz']);
    const { status, asked } = script('backup.sh', ['two']);
    expect(status).toBe(0);
    expect(asked).toMatch(/influxd backup .* plant$/m);
    expect(readdirSync(at('two')).sort()).toEqual(['env', 'hub.tar.gz', 'influxdb.tar.gz']);
  });

  it('replace the history only by one that can be restored, and say how it stands where they fail', () => {
    const kept = script('restore.sh', ['two', '--force'], { FAILS_AT: '-newdb plant_restoring' });
    expect(kept).toMatchObject({ status: 1, stderr: expect.stringContaining('InfluxDB has its own yet') });
    expect(kept.asked).not.toContain('DROP DATABASE "plant"');
    const lost = script('restore.sh', ['two', '--force'], { FAILS_AT: '-db plant /var' });
    expect(lost).toMatchObject({ status: 1, stderr: expect.stringContaining('may have lost its own') });
    const { status, stderr, asked } = script('restore.sh', ['two', '--force']);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const order = [
      '-newdb plant_restoring',
      'DROP DATABASE "plant"',
      '-db plant /var',
      'GRANT READ ON "plant"',
    ];
    const places = [...order, 'up -d hub'].map((step) => asked.indexOf(step));
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(places).not.toContain(-1);
  });
});
