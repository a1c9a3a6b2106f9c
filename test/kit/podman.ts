import { type ChildProcess, execFile, spawn } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { ROOT } from './hub-process.js';
import { requireTool } from './require-tool.js';
import { tempDir } from './temp-dir.js';

const run = promisify(execFile);
/** Building images is the longest of it. */
const TIMEOUT_MS = 400_000;

/** What Debian has to offer for containers without an engine of Docker's: podman behind Docker's own socket. */
const PACKAGES: readonly (readonly [tool: string, debianPackage: string])[] = [
  ['podman', 'podman'],
  ['runc', 'runc'],
  ['buildah', 'buildah'],
  ['mmdebstrap', 'mmdebstrap'],
  ['docker-compose', 'docker-compose'],
];

/** Libraries of podman's, without a program of their own to ask for. */
const NETWORK: readonly (readonly [path: string, debianPackage: string])[] = [
  ['/usr/lib/podman/netavark', 'netavark'],
  ['/usr/lib/podman/aardvark-dns', 'aardvark-dns'],
  ['/usr/sbin/iptables', 'iptables'],
];

/** Whether containers can be run here. Only root may. */
export function requirePodman(): boolean {
  if (process.getuid?.() !== 0) {
    if (process.env.CI === 'true') throw new Error('containers: only root may run them');
    process.stderr.write('\n!!! NOT TESTED: containers, since only root may run them\n\n');
    return false;
  }
  return (
    PACKAGES.every(([tool, debian]) => requireTool(tool, debian)) &&
    NETWORK.every(([path, debian]) => requireTool(path, debian, ['test', '-e', path]))
  );
}

/** The images of others that the hub's and docker-compose.yml are made of. */
const NODE = 'docker.io/library/node:24-bookworm-slim';
const INFLUXDB = 'docker.io/library/influxdb:1.11';
const MOSQUITTO = 'docker.io/library/eclipse-mosquitto:2.0';

/** Where images are kept for the next run; else each run makes its own, and removes them. */
const KEPT = process.env.FIELDLINE_PODMAN;

/**
 * A place for images and containers of a test's own, with podman's service in it, so that `docker-compose` works as with
 * Docker. There is no registry: images of others are stood in for by what Debian packages (test/containers/).
 */
export class Podman {
  readonly #directory = KEPT ? { path: KEPT, remove: () => undefined } : tempDir('podman');
  #service: ChildProcess | undefined;
  #isOpen = false;
  #health: Promise<void> = Promise.resolve();

  get env(): NodeJS.ProcessEnv {
    const at = (name: string) => join(this.#directory.path, name);
    return {
      ...process.env,
      CONTAINERS_CONF: at('containers.conf'),
      CONTAINERS_STORAGE_CONF: at('storage.conf'),
      DOCKER_HOST: `unix://${this.#socket}`,
    };
  }

  /** Starts the service, and its substitute for systemd's timers, which would ask for each container's health. */
  async open(): Promise<void> {
    const { path } = this.#directory;
    mkdirSync(path, { recursive: true });
    writeFileSync(
      join(path, 'containers.conf'),
      '[containers]\ndefault_ulimits = ["nofile=20000:20000", "nproc=30000:30000"]\n' +
        '[engine]\nruntime = "runc"\ncgroup_manager = "cgroupfs"\nevents_logger = "file"\n',
    );
    writeFileSync(
      join(path, 'storage.conf'),
      `[storage]\ndriver = "overlay"\ngraphroot = "${path}/graph"\nrunroot = "${path}/run"\n`,
    );
    this.#service = spawn('podman', ['system', 'service', '--time=0', `unix://${this.#socket}`], {
      env: this.env,
      stdio: 'ignore',
    });
    while (!existsSync(this.#socket)) await sleep(50);
    this.#isOpen = true;
    this.#health = this.#watchHealth();
  }

  get #socket(): string {
    return join(this.#directory.path, `podman.${process.pid}.sock`);
  }

  async podman(...args: string[]): Promise<string> {
    const { stdout } = await run('podman', args, { env: this.env, timeout: TIMEOUT_MS, maxBuffer: 1 << 26 });
    return stdout.trim();
  }

  /** What the health check of a container has found: `healthy`, `unhealthy`, or `starting`. */
  health(container: string): Promise<string> {
    return this.podman('inspect', '--format', '{{.State.Health.Status}}', container);
  }

  /** Debian's base, and the images that docker-compose.yml names, made of it. */
  async makeStandIns(): Promise<void> {
    if (await this.#has(MOSQUITTO)) return;
    const tar = join(this.#directory.path, 'debian.tar');
    await run('mmdebstrap', ['--variant=minbase', '--include=ca-certificates', 'bookworm', tar], {
      timeout: TIMEOUT_MS,
      maxBuffer: 1 << 26,
    });
    await this.podman('import', '-q', tar, 'localhost/fieldline-test/debian:1');
    await this.#build(NODE, 'node', await this.#nodeContext());
    for (const [name, tag] of [
      ['influxdb', INFLUXDB],
      // The last one: with it all are there.
      ['mosquitto', MOSQUITTO],
    ] as const) {
      await this.#build(tag, name, join(ROOT, 'test/containers'));
    }
  }

  /** The hub's own image, of the repository's own Dockerfile and the files that git knows or would. */
  async makeHub(tag: string): Promise<void> {
    const context = join(this.#directory.path, 'hub');
    rmSync(context, { recursive: true, force: true });
    mkdirSync(context);
    await run(
      'sh',
      [
        '-c',
        `git ls-files -co --exclude-standard | tar cf - -T - --ignore-failed-read | tar xf - -C "$0"`,
        context,
      ],
      {
        cwd: ROOT,
        maxBuffer: 1 << 26,
      },
    );
    // OCI's format knows no health checks.
    await this.podman('build', '-q', '--format', 'docker', '--network', 'host', '-t', tag, context);
  }

  async close(): Promise<void> {
    this.#isOpen = false;
    await this.#health;
    await this.podman('rm', '--all', '--force', '--time', '0').catch(() => undefined);
    if (!KEPT) await this.podman('system', 'reset', '--force').catch(() => undefined);
    this.#service?.kill('SIGKILL');
    rmSync(this.#socket, { force: true });
    this.#endMonitors();
    this.#directory.remove();
  }

  /** What was executed in a container keeps its monitor for five minutes, also when podman's service is gone. */
  #endMonitors(): void {
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      const [program = '', ...args] = commandLine(pid);
      const isOurs = args.some((arg) => arg.startsWith(`${this.#directory.path}/`));
      if (basename(program) === 'conmon' && isOurs) process.kill(Number(pid), 'SIGKILL');
    }
  }

  async #has(tag: string): Promise<boolean> {
    return this.podman('image', 'exists', tag).then(
      () => true,
      () => false,
    );
  }

  async #build(tag: string, name: string, context: string): Promise<void> {
    const file = join(ROOT, `test/containers/${name}.Containerfile`);
    await this.podman('build', '-q', '--network', 'host', '-t', tag, '-f', file, context);
  }

  /** Node 24 with this machine's npm, and the certificates with which this machine reaches the packages. */
  async #nodeContext(): Promise<string> {
    const context = join(this.#directory.path, 'node');
    mkdirSync(context, { recursive: true });
    const { stdout } = await run('npx', ['-y', '-p', 'node@24', 'node', '-p', 'process.execPath']);
    copyFileSync(stdout.trim(), join(context, 'node'));
    const { stdout: modules } = await run('npm', ['root', '-g']);
    cpSync(join(modules.trim(), 'npm'), join(context, 'npm'), { recursive: true, dereference: true });
    const own = process.env.NODE_EXTRA_CA_CERTS;
    if (own === undefined) writeFileSync(join(context, 'ca.crt'), '');
    else copyFileSync(own, join(context, 'ca.crt'));
    return context;
  }

  async #watchHealth(): Promise<void> {
    while (this.#isOpen) {
      const ids = await this.podman('ps', '-q').catch(() => '');
      for (const id of ids.split('\n').filter(Boolean)) {
        await this.podman('healthcheck', 'run', id).catch(() => undefined);
      }
      await sleep(2_000);
    }
  }
}

/** Of a process; empty where it has ended. */
function commandLine(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return [];
  }
}
