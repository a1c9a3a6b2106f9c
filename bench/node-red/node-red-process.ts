import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { freePort } from '../free-port.js';
import { ServerProcess } from '../servers/server-process.js';
import { type FlowOptions, flow } from './flow.js';

/** The newest that runs on the Node versions that the hub supports. */
const VERSION = '4.1.8';
const INFLUX_NODES = '0.7.0';
const INSTALL_WITHIN_MS = 120_000;

/** Node-RED, installed outside of the repository, which shall not depend on it. */
export class NodeRedProcess {
  static readonly version = VERSION;
  readonly url: string;
  readonly #server: ServerProcess;

  private constructor(url: string, server: ServerProcess) {
    this.url = url;
    this.#server = server;
  }

  /** Installs it where it is not there yet, and starts it with the flow. Resolves once its WebSocket is open. */
  static async start(options: Omit<FlowOptions, 'path'>): Promise<NodeRedProcess> {
    const directory = await install();
    const port = await freePort();
    const path = '/telemetry';
    await writeFile(join(directory, 'flows.json'), JSON.stringify(flow({ ...options, path })));
    await writeFile(join(directory, 'settings.js'), SETTINGS(port));
    const url = `ws://127.0.0.1:${port}${path}`;
    const bin = join(directory, 'node_modules', 'node-red', 'red.js');
    const server = new ServerProcess({
      name: 'Node-RED',
      command: process.execPath,
      args: [bin, '-u', directory, '-s', join(directory, 'settings.js'), join(directory, 'flows.json')],
      env: { NODE_ENV: 'production' },
      isUp: () => opens(url),
    });
    await server.start();
    return new NodeRedProcess(url, server);
  }

  get pid(): number {
    return this.#server.pid;
  }

  kill(): void {
    this.#server.kill();
  }
}

const SETTINGS = (port: number) => `module.exports = {
  uiHost: '127.0.0.1',
  uiPort: ${port},
  flowFile: 'flows.json',
  credentialSecret: false,
  disableEditor: true,
  httpAdminRoot: false,
  telemetry: { enabled: false, updateNotification: false },
  logging: { console: { level: 'fatal', metrics: false, audit: false } },
};
`;

async function install(): Promise<string> {
  const directory = join(tmpdir(), `fieldline-bench-node-red-${VERSION}-${INFLUX_NODES}`);
  const isThere = await access(join(directory, 'installed')).then(
    () => true,
    () => false,
  );
  if (isThere) return directory;
  await mkdir(directory, { recursive: true });
  const packages = [`node-red@${VERSION}`, `node-red-contrib-influxdb@${INFLUX_NODES}`];
  const args = ['install', '--prefix', directory, '--no-audit', '--no-fund', '--omit=dev', ...packages];
  execFileSync('npm', args, {
    cwd: directory,
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: INSTALL_WITHIN_MS,
  });
  await writeFile(join(directory, 'installed'), '');
  return directory;
}

async function opens(url: string): Promise<boolean> {
  const socket = new WebSocket(url);
  try {
    await once(socket, 'open');
    return true;
  } finally {
    socket.terminate();
  }
}
