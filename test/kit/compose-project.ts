import { execFile } from 'node:child_process';
import { copyFileSync, cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { HubHttp } from './hub-http.js';
import { ROOT } from './hub-process.js';
import { freePort } from './server-process.js';
import { tempDir } from './temp-dir.js';

const run = promisify(execFile);

const PROJECT = 'fieldlinetest';

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

  /** Where its hub is reached from here. */
  get url(): string {
    return `http://127.0.0.1:${this.setting('HUB_PORT')}`;
  }

  /** Its hub, for the admin. */
  get http(): HubHttp {
    return new HubHttp(this.url, this.setting('FIELDLINE_ADMIN_TOKEN'));
  }

  /** `docker-compose …`. @throws Error with what it said */
  async compose(...args: string[]): Promise<string> {
    const { stdout } = await run('docker-compose', ['-p', PROJECT, ...args], {
      cwd: this.path,
      env: this.#env,
      timeout: 120_000,
      maxBuffer: 1 << 26,
    });
    return stdout;
  }

  /** Runs a script of the project, as people would. @throws Error with what it said */
  async run(script: string, ...args: string[]): Promise<string> {
    const env = { ...this.#env, COMPOSE: 'docker-compose', COMPOSE_PROJECT_NAME: PROJECT };
    const { stdout } = await run(join(this.path, script), args, { cwd: this.path, env, timeout: 180_000 });
    return stdout;
  }

  /** Publishes to its broker, as the account that devices share there. */
  async publish(topic: string, payload: string): Promise<void> {
    const account = ['-u', 'hub', '-P', this.setting('MQTT_HUB_PASSWORD')];
    await this.exec('mosquitto', 'mosquitto_pub', ...account, '-q', '1', '-t', topic, '-m', payload);
  }

  /** The container of a service, by its id. */
  async containerOf(service: string): Promise<string> {
    return (await this.compose('ps', '-q', service)).trim();
  }

  /** What a command in a container of a service prints. @throws Error with what it said */
  exec(service: string, ...argv: string[]): Promise<string> {
    return this.compose('exec', '-T', service, ...argv);
  }

  /** Whether the hub says that it is ready; false also where nobody answers. */
  async isReady(): Promise<boolean> {
    return this.http.request('/readyz').then(
      ({ status }) => status === 200,
      () => false,
    );
  }

  /**
   * The values of a metric that stand in InfluxDB, by device, oldest first: asked there, past the hub, by the account that
   * Grafana has.
   */
  async inInflux(metric: string): Promise<ReadonlyMap<string, readonly unknown[]>> {
    const answer = await this.exec(
      'influxdb',
      ...['influx', '-username', 'reader', '-password', this.setting('INFLUXDB_READ_PASSWORD')],
      ...['-database', 'fieldline', '-format', 'json'],
      ...['-execute', `select "${metric}" from /./ group by "device"`],
    );
    const { results } = JSON.parse(answer) as {
      results: { series?: { tags: { device: string }; values: [number, unknown][] }[] }[];
    };
    const series = results.flatMap((result) => result.series ?? []);
    return new Map(series.map(({ tags, values }) => [tags.device, values.map(([, value]) => value)]));
  }

  dispose(): void {
    this.#directory.remove();
  }
}
