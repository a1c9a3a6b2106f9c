import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '../free-port.js';

const BIN = fileURLToPath(new URL('../../../hub/bin/fieldline.cjs', import.meta.url));
const PROFILES = fileURLToPath(new URL('../../../profiles', import.meta.url));

export interface HubOptions {
  /** The data directory. */
  readonly data: string;
  /** Settings beside host, port, data, profiles, admin token, log level and a rate limit that is off. */
  readonly env?: Readonly<Record<string, string>>;
  /** For Node itself. */
  readonly flags?: readonly string[];
  /** How long it may take to become ready. */
  readonly readyWithinMs?: number;
}

const READY_POLL_MS = 5;
const STOP_WITHIN_MS = 20_000;

/** A hub as users run it: the built command line, in a process of its own. */
export class HubProcess {
  readonly url: string;
  readonly adminToken: string;
  readonly pid: number;
  /** From the start of the process to the first `GET /readyz` with 200, ms. */
  readonly readyAfterMs: number;
  readonly #child: ChildProcess;

  private constructor(
    child: ChildProcess,
    started: { url: string; adminToken: string; readyAfterMs: number },
  ) {
    this.#child = child;
    this.pid = child.pid ?? 0;
    this.url = started.url;
    this.adminToken = started.adminToken;
    this.readyAfterMs = started.readyAfterMs;
  }

  /** Starts a hub on a free port of the loopback interface, and resolves once it is ready. */
  static async start(options: HubOptions): Promise<HubProcess> {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const adminToken = `fla_${randomBytes(32).toString('base64url')}`;
    const startedMs = performance.now();
    const child = spawn(process.execPath, [...(options.flags ?? []), BIN, 'start'], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: {
        PATH: process.env.PATH,
        HOME: process.env.HOME,
        NODE_ENV: 'production',
        FIELDLINE_HOST: '127.0.0.1',
        FIELDLINE_PORT: String(port),
        FIELDLINE_DATA: options.data,
        FIELDLINE_PROFILES: PROFILES,
        FIELDLINE_ADMIN_TOKEN: adminToken,
        FIELDLINE_LOG_LEVEL: 'warn',
        FIELDLINE_RATE_LIMIT: '0',
        ...options.env,
      },
    });
    const deadlineMs = startedMs + (options.readyWithinMs ?? 30_000);
    while (!(await isReady(url))) {
      if (child.exitCode !== null)
        throw new Error(`the hub ended with code ${child.exitCode} before it was ready`);
      if (performance.now() > deadlineMs) {
        child.kill('SIGKILL');
        throw new Error('the hub did not become ready');
      }
      await delay(READY_POLL_MS);
    }
    return new HubProcess(child, { url, adminToken, readyAfterMs: performance.now() - startedMs });
  }

  /** Calls the HTTP API, as admin or with another token; throws on every answer that is not a success. */
  async api(method: string, path: string, body?: object, token = this.adminToken): Promise<unknown> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: HTTP ${response.status} ${text}`);
    return response.headers.get('content-type')?.includes('json') ? JSON.parse(text) : text;
  }

  /** Stops it as an operator would, with SIGTERM; one that hangs is killed. */
  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill(signal);
    const late = setTimeout(() => this.#child.kill('SIGKILL'), STOP_WITHIN_MS);
    await exited;
    clearTimeout(late);
  }
}

async function isReady(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/readyz`);
    await response.arrayBuffer();
    return response.status === 200;
  } catch {
    // Not listening yet.
    return false;
  }
}
