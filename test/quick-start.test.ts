import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { DeviceView, Page } from '@fieldline/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deadline } from './kit/deadline.js';
import { HubHttp } from './kit/hub-http.js';
import { cleanEnv, ROOT } from './kit/hub-process.js';
import { LineReader } from './kit/line-reader.js';
import { tempDir } from './kit/temp-dir.js';

const data = tempDir('quick-start');
let npm: ChildProcess;
let output: LineReader;

beforeAll(() => {
  npm = spawn('npm', ['start'], {
    cwd: ROOT,
    env: { ...cleanEnv(), FIELDLINE_PORT: '0', FIELDLINE_DATA: data.path },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, so that a signal reaches all of it, as Ctrl-C does in a terminal.
    detached: true,
  });
  if (npm.stdout === null || npm.stderr === null) throw new Error('npm has no output');
  output = new LineReader(npm.stdout, npm.stderr);
});

afterAll(() => {
  if (npm.exitCode === null && npm.signalCode === null) signalAll('SIGKILL');
  data.remove();
});

function signalAll(signal: NodeJS.Signals): void {
  if (npm.pid !== undefined) process.kill(-npm.pid, signal);
}

function printed(pattern: RegExp): Promise<string> {
  const found = output.find((line) => pattern.exec(line)?.[1]);
  const ended = once(npm, 'close').then(() => {
    throw new Error(`npm start ended without ${pattern}:\n${output.tail()}`);
  });
  return deadline(Promise.race([found, ended]), () => `${pattern} in:\n${output.tail()}`, 120_000);
}

describe('npm start', () => {
  it('runs a hub with ten devices, and prints where to look and how to log in', async () => {
    const url = await printed(/Fieldline is ready at (\S+)/);
    const link = await printed(/(http\S+#\/login\?code=\S+)/);
    expect(link.startsWith(`${url}/`)).toBe(true);

    const tokenFile = join(data.path, 'admin-token');
    const token = readFileSync(tokenFile, 'utf8').trim();
    expect(statSync(tokenFile).mode & 0o777).toBe(0o600);
    expect(await printed(/Admin\s+(\S+)/)).toBe(token);

    const http = new HubHttp(url, token);
    const online = async () =>
      (await http.get<Page<DeviceView>>('/api/v1/devices?online=true&limit=100')).items;
    await expect.poll(online, { timeout: 60_000, interval: 200 }).toHaveLength(10);
    await expect
      .poll(
        async () =>
          (await online()).every(({ metrics }) => Object.values(metrics).some(({ value }) => value !== null)),
        {
          timeout: 60_000,
          interval: 200,
        },
      )
      .toBe(true);

    const page = await http.request('/', { token: null });
    expect(page.status).toBe(200);
    expect(page.text).toContain('<title>');

    const code = new URL(link.replace('#/', '')).searchParams.get('code');
    const session = await http.request('/api/v1/session', {
      body: { code },
      token: null,
      headers: { origin: url },
    });
    expect(session.status).toBe(200);
    const cookie = session.headers.get('set-cookie') ?? '';
    expect(cookie).toMatch(/^fieldline_session=.*HttpOnly.*SameSite=Strict/i);
    const again = await http.request('/api/v1/session', {
      body: { code },
      token: null,
      headers: { origin: url },
    });
    expect(again.status).toBe(401);
  });

  it('stops with everything it started', async () => {
    const ended = once(npm, 'close');
    signalAll('SIGINT');
    await deadline(ended, () => `npm start to stop:\n${output.tail()}`, 60_000);
    expect(output.lines.join('\n')).toContain('stopped');
  });
});
