import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deadline } from './kit/deadline.js';
import { DeviceClient } from './kit/device-client.js';
import { ADMIN_TOKEN, cleanEnv, HubProcess, ROOT, startHub } from './kit/hub-process.js';
import { LineReader } from './kit/line-reader.js';
import { tempDir } from './kit/temp-dir.js';

let hub: HubProcess;

beforeAll(async () => {
  hub = await startHub();
});

afterAll(() => hub.dispose());

function launch(args: readonly string[], env: Readonly<Record<string, string>>) {
  const child = spawn(process.execPath, [`${ROOT}hub/bin/fieldline.cjs`, ...args], {
    env: { ...cleanEnv(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return { child, output: new LineReader(child.stdout, child.stderr), ended: once(child, 'close') };
}

/** Runs a command against the hub and answers its exit code and all that it printed. */
async function fieldline(...args: string[]): Promise<{ code: unknown; text: string }> {
  return command(args, { FIELDLINE_URL: hub.url, FIELDLINE_API_TOKEN: ADMIN_TOKEN });
}

async function command(args: readonly string[], env: Readonly<Record<string, string>>) {
  const { output, ended } = launch(args, env);
  const [code] = await deadline(ended, () => `fieldline ${args.join(' ')}`);
  return { code: code as unknown, text: output.lines.join('\n') };
}

describe('fieldline', () => {
  it('registers, shows, lists and removes devices, and their tokens', async () => {
    const added = await fieldline(
      'device',
      'add',
      'pump-1',
      '--profile',
      'pump',
      '--tag',
      'site=north',
      '--json',
    );
    expect(added.code).toBe(0);
    const { token } = JSON.parse(added.text) as { token: string };
    const device = await DeviceClient.connect(hub.url, { token });
    await device.close();
    expect((await fieldline('device', 'add', 'pump-1')).code).toBe(1);
    expect((await fieldline('device', 'list')).text).toContain('pump-1');
    expect((await fieldline('device', 'show', 'pump-1')).text).toContain('north');
    expect((await fieldline('token', 'add', 'pump-1')).text).toMatch(/fld_\S+/);
    expect((await fieldline('token', 'list', 'pump-1')).code).toBe(0);
    expect((await fieldline('device', 'show', 'nobody')).code).toBe(5);
    expect((await fieldline('device', 'remove', 'pump-1', '--yes')).code).toBe(0);
    expect((await fieldline('device', 'show', 'pump-1')).code).toBe(5);
  });

  it('tail follows live readings until it is interrupted', async () => {
    const device = await DeviceClient.connect(hub.url, { token: await hub.http.addDevice('seen') });
    const env = { FIELDLINE_URL: hub.url, FIELDLINE_API_TOKEN: ADMIN_TOKEN };
    const { child, output, ended } = launch(['tail', 'seen', '--json'], env);
    // Until it has subscribed it sees nothing: send on until it does.
    const feed = setInterval(() => device.send({ temperature: 21.5 }), 50);
    try {
      const seen = output.find((line) => (line.includes('21.5') ? line : undefined));
      const line = await deadline(seen, () => `a reading in:\n${output.tail()}`);
      expect(JSON.parse(line)).toBeTypeOf('object');
      expect(line).toContain('"seen"');
    } finally {
      clearInterval(feed);
    }
    child.kill('SIGINT');
    expect((await deadline(ended, () => 'tail to end'))[0]).toBe(0);
    await device.close();
  });

  it('finds the admin token in the data directory, and says when no hub answers', async () => {
    const own = new HubProcess({ env: { FIELDLINE_ADMIN_TOKEN: '' } });
    try {
      await own.start();
      const token = readFileSync(join(own.dataDir, 'admin-token'), 'utf8').trim();
      expect(own.output.lines.join('\n')).toContain(token);
      const env = { FIELDLINE_URL: own.url, FIELDLINE_DATA: own.dataDir };
      expect(await command(['device', 'list'], env)).toMatchObject({ code: 0 });
      await own.stop();
      expect(await command(['device', 'list'], env)).toMatchObject({ code: 3 });
      await own.start();
      // It was shown once.
      expect(own.output.lines.join('\n')).not.toContain(token);
    } finally {
      await own.dispose();
    }
  });
});

describe('the start', () => {
  it.each([
    [{ FIELDLINE_PROT: '80' }, 'FIELDLINE_PROT', 'FIELDLINE_PORT'],
    [{ FIELDLINE_PORT: 'eighty' }, 'FIELDLINE_PORT', '65535'],
    [{ FIELDLINE_LOG_LEVEL: 'loud' }, 'FIELDLINE_LOG_LEVEL', 'debug'],
  ])('with %j stops, and says the key, the reason and what is allowed', async (env, key, allowed) => {
    const { code, text } = await command(['start'], { FIELDLINE_DATA: join(hub.dataDir, 'other'), ...env });
    expect(code).toBeGreaterThan(0);
    expect(text).toContain(key);
    expect(text.replaceAll(/[,_ ](?=\d{3})/g, '')).toContain(allowed);
  });

  it('of a second hub on the same data stops, and says so', async () => {
    const second = new HubProcess({ data: hub.dataDir });
    try {
      expect(await second.launch()).toBe(false);
      expect((await second.exit).code).toBeGreaterThan(0);
      expect(second.output.lines.join('\n')).toMatch(/another hub|already|in use/i);
    } finally {
      await second.dispose();
    }
    expect((await hub.http.request('/healthz')).status).toBe(200);
  });

  it('on a port that is taken stops, and says so', async () => {
    const second = new HubProcess({ env: { FIELDLINE_PORT: new URL(hub.url).port } });
    try {
      expect(await second.launch()).toBe(false);
      expect((await second.exit).code).toBeGreaterThan(0);
      const said = second.output.lines.join('\n');
      expect(said).toContain(new URL(hub.url).port);
      expect(said).not.toMatch(/^\s+at .+:\d+:\d+\)?$/m);
    } finally {
      await second.dispose();
    }
  });

  it.each([
    ['FIELDLINE_DATA', 'a file'],
    ['FIELDLINE_PROFILES', 'missing'],
  ])('with a %s that cannot be used stops, and says so', async (key, name) => {
    const place = tempDir('unusable');
    writeFileSync(join(place.path, 'a file'), '');
    const own = new HubProcess({ env: { [key]: join(place.path, name) } });
    try {
      expect(await own.launch()).toBe(false);
      expect((await own.exit).code).toBeGreaterThan(0);
      const said = own.output.lines.join('\n');
      expect(said).toContain(join(place.path, name));
      expect(said).toContain(key);
      expect(said).not.toMatch(/^\s+at .+:\d+:\d+\)?$/m);
    } finally {
      await own.dispose();
      place.remove();
    }
  });

  it('makes files and directories that only its user can read', async () => {
    const device = await DeviceClient.connect(hub.url, { token: await hub.http.addDevice('private') });
    await device.hello({ boot: 'b1', seq: 0 });
    device.send({ type: 'telemetry', seq: 1, values: { ok: true } });
    await device.acked(1);
    expect(await hub.http.history('private', 'ok')).toHaveLength(1);
    await device.close();
    const names = readdirSync(hub.dataDir, { recursive: true, encoding: 'utf8' });
    expect(names).toEqual(expect.arrayContaining(['history.duckdb', 'journal', 'state.sqlite']));
    // A file may have gone since; so is its mode.
    const modeOf = (name: string) => statSync(join(hub.dataDir, name), { throwIfNoEntry: false })?.mode ?? 0;
    const open = names.filter((name) => (modeOf(name) & 0o077) !== 0);
    expect(open).toEqual([]);
  });

  it('config prints what is in effect, with secrets masked', async () => {
    const { code, text } = await command(['config'], {
      FIELDLINE_ADMIN_TOKEN: ADMIN_TOKEN,
      FIELDLINE_INFLUX_PASSWORD: 'swordfish',
      FIELDLINE_MQTT_COMMANDS: 'true',
    });
    expect(code).toBe(0);
    expect(text).toMatch(/commands: true/);
    expect(text).not.toContain(ADMIN_TOKEN);
    expect(text).not.toContain('swordfish');
  });
});
