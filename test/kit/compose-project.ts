import { execFile } from 'node:child_process';
import { copyFileSync, cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from './hub-process.js';
import { freePort } from './server-process.js';
import { tempDir } from './temp-dir.js';

const run = promisify(execFile);

/** A copy of docker-compose.yml and what belongs to it, in a directory of its own, with secrets and ports of its own. */
export class ComposeProject {
  readonly #directory = tempDir('compose');
  readonly #env: NodeJS.ProcessEnv;
  #settings = new Map<string, string>();

  constructor(env: NodeJS.ProcessEnv = process.env) {
    this.#env = env;
    for (const name of ['docker-compose.yml', '.env.example']) {
      copyFileSync(join(ROOT, name), join(this.#directory.path, name));
    }
    cpSync(join(ROOT, 'deploy'), join(this.#directory.path, 'deploy'), { recursive: true });
  }

  get path(): string {
    return this.#directory.path;
  }

  /** Runs the step that makes `.env`, and puts free ports into it. */
  async makeEnv(): Promise<void> {
    await run(join(this.path, 'deploy/make-env.sh'));
    const file = join(this.path, '.env');
    const hubPort = String(await freePort());
    const ports = {
      HUB_PORT: hubPort,
      MQTT_PORT: String(await freePort()),
      GRAFANA_PORT: String(await freePort()),
    };
    let text = readFileSync(file, 'utf8').replaceAll(/(?<=localhost|127\.0\.0\.1):8080/g, `:${hubPort}`);
    for (const [name, port] of Object.entries(ports))
      text = text.replace(new RegExp(`^${name}=.*$`, 'm'), `${name}=${port}`);
    writeFileSync(file, text, { mode: 0o600 });
    this.#settings = new Map(
      [...text.matchAll(/^([A-Z0-9_]+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value]),
    );
  }

  setting(name: string): string {
    return this.#settings.get(name) ?? '';
  }

  get hubUrl(): string {
    return `http://127.0.0.1:${this.setting('HUB_PORT')}`;
  }

  /** `docker-compose …`. @throws Error with what it said */
  async compose(...args: string[]): Promise<string> {
    const { stdout } = await run('docker-compose', ['-p', 'fieldlinetest', ...args], {
      cwd: this.path,
      env: this.#env,
      timeout: 120_000,
      maxBuffer: 1 << 26,
    });
    return stdout;
  }

  dispose(): void {
    this.#directory.remove();
  }
}
