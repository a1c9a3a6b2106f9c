// A hub with data of its own, for pictures: it starts empty and leaves nothing behind.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const ADMIN_TOKEN = `fla_${'p'.repeat(43)}`;
const READY_MS = 30_000;

/**
 * Starts the built hub on a free port.
 * @param root the repository
 * @returns its address and data, the link that logs a browser in once, its API, and the way to end it
 */
export async function startHub(root) {
  const data = mkdtempSync(join(tmpdir(), 'fieldline-pictures-'));
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('FIELDLINE_'));
  const child = spawn(process.execPath, [`${root}hub/bin/fieldline.cjs`, 'start'], {
    cwd: root,
    env: {
      ...Object.fromEntries(kept),
      FIELDLINE_PORT: '0',
      FIELDLINE_DATA: data,
      FIELDLINE_ADMIN_TOKEN: ADMIN_TOKEN,
      FIELDLINE_RATE_LIMIT: '0',
      FIELDLINE_MQTT_PORT: '0',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => child.once('close', resolve));
  const close = async () => {
    child.kill('SIGTERM');
    await ended;
    rmSync(data, { recursive: true, force: true });
  };
  const { url, link } = await greeting(child, ended).catch(async (error) => {
    await close();
    throw error;
  });
  return {
    url,
    link,
    data,
    token: ADMIN_TOKEN,
    api: (path, body, options) => ask(url, path, body, options),
    close,
  };
}

/** What the hub prints when it is ready. */
function greeting(child, ended) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('the hub is not ready in time')), READY_MS);
    ended.then(() => reject(new Error('the hub ended instead of starting')));
    let url;
    createInterface({ input: child.stdout }).on('line', (line) => {
      url ??= /Fieldline is ready at (http\S+)/.exec(line)?.[1];
      const link = /(http\S+#\/login\?code=\S+)/.exec(line)?.[1];
      if (url === undefined || link === undefined) return;
      clearTimeout(timer);
      resolve({ url, link });
    });
  });
}

/** Asks the hub's API, and answers the body. @throws Error when it refuses */
async function ask(url, path, body, { method, token = ADMIN_TOKEN } = {}) {
  const response = await fetch(`${url}/api/v1${path}`, {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`);
  return text === '' ? undefined : JSON.parse(text);
}
