import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect as connectPlain } from 'node:net';
import { dirname, join } from 'node:path';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { promisify } from 'node:util';
import type { Page, TokenView } from '@fieldline/protocol';
import { connectAsync } from 'mqtt';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openApi } from '../hub/src/api/api.fixture.js';
import { Certificate, openCertificate } from '../hub/src/tls/certificate.js';
import { clientFetch, type TlsClient } from './kit/client-fetch.js';
import { deadline } from './kit/deadline.js';
import { DeviceClient, refusedUpgrade } from './kit/device-client.js';
import { BrokerUnderTest } from './kit/embedded-broker.js';
import { HubHttp } from './kit/hub-http.js';
import { ADMIN_TOKEN, cleanEnv, HubProcess, ROOT } from './kit/hub-process.js';
import { requireTool } from './kit/require-tool.js';
import { tempDir } from './kit/temp-dir.js';
import { type CertificateFiles, TestCertificates } from './kit/test-certificates.js';

const BOOT = { boot: 'b1', seq: 0 };
const hasOpenssl = requireTool('openssl', 'openssl', ['openssl', 'version']);

const certificates = hasOpenssl ? new TestCertificates() : null;
const foreign = hasOpenssl ? new TestCertificates() : null;
const directory = tempDir('tls');
const cert = join(directory.path, 'tls.crt');
const key = join(directory.path, 'tls.key');

let hub: HubProcess;
let tls: TlsClient;

beforeAll(async () => {
  if (certificates === null) return;
  install(certificates.issue('first'), 'v1');
  // As Kubernetes mounts a secret: links to a link that is replaced.
  symlinkSync('..data/tls.crt', cert);
  symlinkSync('..data/tls.key', key);
  tls = { ca: readFileSync(certificates.caFile) };
  hub = new HubProcess({
    tls,
    env: {
      FIELDLINE_TLS_CERT: cert,
      FIELDLINE_TLS_KEY: key,
      FIELDLINE_TLS_CLIENT_CA: certificates.caFile,
      FIELDLINE_MQTT_PORT: '0',
      FIELDLINE_ORIGINS: 'https://hub.example',
      FIELDLINE_HTTP_HSTS: 'true',
    },
  });
  await hub.start();
});

afterAll(async () => {
  await hub?.dispose();
  certificates?.remove();
  foreign?.remove();
  directory.remove();
});

/** Puts a certificate and its key where the hub reads them, in one step. */
function install({ certFile, keyFile }: CertificateFiles, version: string): void {
  const data = join(directory.path, version);
  mkdirSync(data);
  writeFileSync(join(data, 'tls.crt'), readFileSync(certFile));
  writeFileSync(join(data, 'tls.key'), readFileSync(keyFile));
  symlinkSync(version, join(directory.path, '..data_tmp'));
  renameSync(join(directory.path, '..data_tmp'), join(directory.path, '..data'));
}

/** Puts a file in the place of another, as a program that renews certificates does. */
function replace(path: string, content: Buffer | string): void {
  writeFileSync(`${path}.new`, content);
  renameSync(`${path}.new`, path);
}

function fingerprintOf({ certFile }: CertificateFiles): string {
  return new X509Certificate(readFileSync(certFile)).fingerprint256;
}

interface LogLine {
  readonly msg: string;
  readonly [name: string]: unknown;
}

/** The first line of the hub's log, of the past or to come, that is so. */
function logged(matches: (line: LogLine) => boolean, of = hub): Promise<LogLine> {
  const line = of.output.find((text) => {
    if (!text.startsWith('{')) return undefined;
    const read = JSON.parse(text) as LogLine;
    return matches(read) ? read : undefined;
  });
  return deadline(line, () => `a line in the log:\n${of.output.tail()}`);
}

async function mqttPort(): Promise<number> {
  const { address } = await logged(({ msg }) => msg === 'the MQTT broker listens');
  return (address as { port: number }).port;
}

/** Shakes hands. @throws Error when that fails */
async function shakeHands(port: number, options: ConnectionOptions = {}): Promise<TLSSocket> {
  const socket = connect({ host: '127.0.0.1', port, ca: tls.ca, ...options });
  await deadline(once(socket, 'secureConnect'), () => 'a handshake');
  return socket;
}

async function shownAt(port: number): Promise<string> {
  const socket = await shakeHands(port);
  const shown = socket.getPeerX509Certificate()?.fingerprint256;
  socket.destroy();
  return shown ?? '';
}

function httpsPort(): number {
  return Number(new URL(hub.url).port);
}

/** A certificate for servers of this process. */
async function issued(name: string): Promise<Certificate> {
  if (certificates === null) throw new Error('there is no openssl');
  const { certFile, keyFile } = certificates.issue(name);
  const paths = { cert: certFile, key: keyFile, clientCa: null };
  const certificate = new Certificate({ paths, log: pino({ enabled: false }) });
  await certificate.open();
  return certificate;
}

/** A client that shows a certificate with these names. */
function withCertificate(name: string, alternatives: string, by = certificates): TlsClient {
  if (by === null) throw new Error('there is no openssl');
  const files = by.issue(name, alternatives);
  return { ...tls, cert: readFileSync(files.certFile), key: readFileSync(files.keyFile) };
}

describe.skipIf(!hasOpenssl)('a hub with a certificate', () => {
  it('says so, and speaks TLS 1.2 and newer, and nothing else', async () => {
    await logged(({ msg, level }) => level === 'warn' && msg === 'the TLS certificate expires within a week');
    expect(hub.url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
    expect((await hub.http.request('/healthz')).status).toBe(200);
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      const socket = await shakeHands(httpsPort(), { minVersion: version, maxVersion: version });
      expect(socket.getProtocol()).toBe(version);
      socket.destroy();
    }
    // OpenSSL itself refuses older versions unless it is asked to forget about security.
    const old = { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
    await expect(shakeHands(httpsPort(), old)).rejects.toThrow(/protocol version|alert/);
    await expect(fetch(hub.url.replace('https', 'http'))).rejects.toThrow();
  });

  it('marks cookies as secure, takes pages that came by HTTPS only, and makes browsers insist on it', async () => {
    const body = { username: 'admin', password: ADMIN_TOKEN };
    const login = await hub.http.request('/api/v1/session', { body, token: null });
    expect(login.headers.get('set-cookie')).toMatch(/; Secure/);
    const cookie = login.headers.get('set-cookie')?.split(';')[0] ?? '';
    const add = (origin: string) =>
      hub.http.request('/api/v1/tokens', {
        body: { name: 'a token', role: 'viewer' },
        token: null,
        headers: { cookie, origin },
      });
    expect((await add(hub.url)).status).toBe(201);
    expect((await add(hub.url.replace('https', 'http'))).json()).toMatchObject({ code: 'bad_origin' });
    const page = await hub.http.request('/healthz', { headers: { host: 'hub.example' } });
    expect(page.headers.get('strict-transport-security')).toBe('max-age=31536000');
    expect(page.headers.get('content-security-policy')).toContain("connect-src 'self' wss://hub.example;");
    // It would count for all that runs on the machine of whoever looks.
    const local = await hub.http.request('/healthz');
    expect(local.headers.get('strict-transport-security')).toBeNull();
  });

  it('serves devices with a token, and viewers', async () => {
    const token = await hub.http.addDevice('by-token');
    const viewer = await DeviceClient.connect(hub.url, { path: '/ws/v1/live', token: ADMIN_TOKEN, tls });
    viewer.send({ type: 'subscribe', id: 1, devices: ['by-token'], minPeriod: 0 });
    await viewer.take('snapshot');
    const device = await DeviceClient.connect(hub.url, { token, tls });
    await device.hello(BOOT);
    device.send({ type: 'telemetry', seq: 1, values: { x: 1 } });
    await device.acked(1);
    expect(await viewer.take('update')).toMatchObject({
      readings: [['by-token', expect.any(Number), { x: 1 }]],
    });
    await device.close();
    await viewer.close();
  });
});

describe.skipIf(!hasOpenssl)('the certificate of a device', () => {
  it.each([
    ['a DNS name', 'dns-sensor', 'DNS:dns-sensor'],
    [
      'a DNS name among those of the network',
      'lan-sensor',
      'DNS:lan-sensor,DNS:lan-sensor.local,IP:10.0.0.9',
    ],
    ['a URI, whatever the DNS names are', 'uri_Sensor', 'URI:urn:fieldline:device:uri_Sensor,DNS:a,DNS:b'],
  ])('stands for a token: %s', async (_, id, alternatives) => {
    await hub.http.addDevice(id);
    const own = withCertificate(id, alternatives);
    const device = await DeviceClient.connect(hub.url, { tls: own });
    expect(await device.hello(BOOT)).toMatchObject({ type: 'welcome' });
    device.send({ type: 'telemetry', seq: 1, values: { x: 1 } });
    await device.acked(1);
    await device.close();

    const http = new HubHttp(hub.url, ADMIN_TOKEN, clientFetch(own));
    const body = { boot: 'b1', seq: 2, values: { x: 2 } };
    const taken = await http.request(`/api/v1/ingest/${id}`, { body, token: null });
    expect(taken.json()).toMatchObject({ accepted: 1 });
    const others = await http.request('/api/v1/ingest/by-token', { body, token: null });
    expect(others.json()).toMatchObject({ status: 403, code: 'forbidden' });
  });

  it('lets nobody in anywhere else, and makes no bad token good', async () => {
    await hub.http.addDevice('only-device');
    const own = withCertificate('only-device', 'DNS:only-device');
    const http = new HubHttp(hub.url, ADMIN_TOKEN, clientFetch(own));
    expect((await http.request('/api/v1/devices', { token: null })).status).toBe(401);
    expect((await refusedUpgrade(hub.url, { path: '/ws/v1/live', tls: own })).status).toBe(401);
    expect((await refusedUpgrade(hub.url, { token: 'fld_wrong', tls: own })).status).toBe(401);
  });

  it.each([
    ['for a device that there is not', 'DNS:nobody-knows', 'own'],
    ['without a device', 'DNS:some.host.example,IP:10.0.0.1', 'own'],
    ['for two devices', 'DNS:only-device,DNS:by-token', 'own'],
    ['for another kind of URI', 'URI:urn:example:device:only-device', 'own'],
    ['of a foreign authority', 'DNS:only-device', 'foreign'],
  ])('is refused: %s', async (name, alternatives, by) => {
    const own = withCertificate(
      name.replaceAll(' ', '-'),
      alternatives,
      by === 'own' ? certificates : foreign,
    );
    expect((await refusedUpgrade(hub.url, { tls: own })).status).toBe(401);
    const http = new HubHttp(hub.url, ADMIN_TOKEN, clientFetch(own));
    const body = { values: { x: 1 } };
    const ingest = await http.request('/api/v1/ingest/only-device', { body, token: null });
    expect(ingest.json()).toMatchObject({ status: 401, code: 'unauthorized' });
  });

  it('does not need a token that is revoked', async () => {
    await hub.http.addDevice('tokenless');
    const own = withCertificate('tokenless', 'DNS:tokenless');
    const device = await DeviceClient.connect(hub.url, { tls: own });
    await device.hello({ ...BOOT, caps: ['command'] });
    const path = '/api/v1/devices/tokenless';
    const give = (name: string) => hub.http.request(`${path}/commands`, { body: { name } });
    await give('first');
    const { id } = await device.take('command');
    await give('second');
    const { items } = await hub.http.get<Page<TokenView>>(`${path}/tokens`);
    const revoked = await hub.http.request(`${path}/tokens/${items[0]?.id}`, { method: 'DELETE' });
    expect(revoked.status).toBe(204);
    device.send({ type: 'result', id, status: 'ok' });
    expect(await device.take('command')).toMatchObject({ name: 'second' });
    await device.close();
  });

  it('is good for nothing once its device is disabled or deleted', async () => {
    await hub.http.addDevice('lost');
    const own = withCertificate('lost', 'DNS:lost');
    const device = await DeviceClient.connect(hub.url, { tls: own });
    await device.hello(BOOT);
    const path = '/api/v1/devices/lost';
    const disabled = await hub.http.request(path, { method: 'PATCH', body: { disabled: true } });
    expect(disabled.status).toBe(200);
    expect((await device.end()).code).toBe(4401);
    expect((await refusedUpgrade(hub.url, { tls: own })).status).toBe(403);
    expect((await hub.http.request(path, { method: 'DELETE' })).status).toBe(204);
    expect((await refusedUpgrade(hub.url, { tls: own })).status).toBe(401);
  });
});

describe.skipIf(!hasOpenssl)('MQTT', () => {
  it('speaks TLS on its port, and lets nobody in without a token', async () => {
    const token = await hub.http.addDevice('mqtt-sensor');
    const url = `mqtts://127.0.0.1:${await mqttPort()}`;
    const device = await connectAsync(url, {
      ...{ ca: tls.ca, username: 'mqtt-sensor', password: token, reconnectPeriod: 0 },
    });
    await device.publishAsync('fieldline/v1/ingest/mqtt-sensor', '{"values":{"x":1}}', { qos: 1 });
    expect(await hub.http.history('mqtt-sensor', 'x')).toHaveLength(1);
    await device.endAsync();
    const own = withCertificate('mqtt-sensor', 'DNS:mqtt-sensor');
    const stranger = connectAsync(url, { ...own, username: 'mqtt-sensor', reconnectPeriod: 0 }, false);
    await expect(stranger).rejects.toThrow(/Not authorized|Bad username or password/i);
  });
});

describe.skipIf(!hasOpenssl)('renewed files', () => {
  it('count for new connections, and leave the others alone; what does not fit together changes nothing', async () => {
    if (certificates === null) return;
    const token = await hub.http.addDevice('patient');
    const device = await DeviceClient.connect(hub.url, { token, tls });
    await device.hello(BOOT);
    let seq = 0;
    const isThere = async () => {
      seq += 1;
      device.send({ type: 'telemetry', seq, values: { seq } });
      await device.acked(seq);
    };
    const isTaken = (files: CertificateFiles) =>
      logged(({ msg, fingerprint }) => msg.endsWith('is in use') && fingerprint === fingerprintOf(files));
    const isShown = async (files: CertificateFiles) => {
      expect(await shownAt(httpsPort())).toBe(fingerprintOf(files));
      expect(await shownAt(await mqttPort())).toBe(fingerprintOf(files));
      await isThere();
    };
    const isKept = (reason: string) =>
      logged(({ msg, reason: said }) => msg.endsWith('stays') && String(said).includes(reason));

    // All at once, behind a link.
    const second = certificates.issue('second');
    install(second, 'v2');
    await isTaken(second);
    await isShown(second);

    // One after the other.
    const third = certificates.issue('third');
    replace(cert, readFileSync(third.certFile));
    await isKept('is not the key of the certificate');
    await isShown(second);
    replace(key, readFileSync(third.keyFile));
    await isTaken(third);
    await isShown(third);

    // Nothing that is a certificate.
    replace(cert, 'not a certificate');
    await isKept('is no PEM file');
    await isShown(third);
    await device.close();
  });
});

describe.skipIf(!hasOpenssl)('the command line', () => {
  const list = (env: Record<string, string>) =>
    promisify(execFile)(process.execPath, [`${ROOT}hub/bin/fieldline.cjs`, 'device', 'list'], {
      env: { ...cleanEnv(), FIELDLINE_URL: hub.url, FIELDLINE_API_TOKEN: ADMIN_TOKEN, ...env },
    });

  it('trusts the authority that it is told of, and says what to do about others', async () => {
    await hub.http.addDevice('listed');
    const { stdout } = await list({ NODE_EXTRA_CA_CERTS: certificates?.caFile ?? '' });
    expect(stdout).toContain('listed');
    await expect(list({})).rejects.toThrow(/is not trusted.*NODE_EXTRA_CA_CERTS/s);
  });
});

describe.skipIf(!hasOpenssl)('a hub that stops', () => {
  it('answers requests that are under way', async () => {
    if (certificates === null) return;
    const certificate = await issued('stopping');
    const api = await openApi({}, { certificate });
    api.registry.create({ id: 'a-1' });
    api.seen('a-1', 'temperature', 21.5);
    let [asked, release] = [() => {}, () => {}];
    const underWay = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { points } = api.outside;
    api.outside.history.query = async () => {
      asked();
      await released;
      return points;
    };
    api.app.addHook('preClose', async () => release());
    const url = (await api.listen()).replace('http', 'https');
    const path = '/api/v1/devices/a-1/telemetry?metric=temperature';
    const answer = clientFetch(tls)(url + path, { headers: api.as('viewer') });
    await underWay;
    await api.close();
    expect((await answer).status).toBe(200);
    certificate.close();
  });

  it('waits for nobody who never finished a handshake, and says goodbye to devices', async () => {
    const { address } = await logged(({ msg }) => msg === 'the MQTT broker listens');
    const silent = [httpsPort(), (address as { port: number }).port].map((port) =>
      connectPlain({ port, host: '127.0.0.1' }),
    );
    await Promise.all(silent.map((socket) => once(socket, 'connect')));
    const closed = silent.map((socket) =>
      once(
        socket.resume().on('error', () => undefined),
        'close',
      ),
    );
    const token = await hub.http.addDevice('last');
    const device = await DeviceClient.connect(hub.url, { token, tls });
    await device.hello(BOOT);
    expect((await hub.stop()).code).toBe(0);
    expect(await device.take('bye')).toMatchObject({ retryAfter: expect.any(Number) });
    await Promise.all(closed);
  });
});

describe.skipIf(!hasOpenssl)('mqtt.tls: off', () => {
  it('leaves the port of MQTT as it was', async () => {
    if (certificates === null) return;
    const certificate = await issued('plain-mqtt');
    const own = await BrokerUnderTest.start({ FIELDLINE_MQTT_TLS: 'off' }, undefined, '0', certificate);
    try {
      const device = await connectAsync(own.url, { ...own.device('plain'), reconnectPeriod: 0 }, false);
      await device.endAsync();
    } finally {
      await own.close();
      certificate.close();
    }
  });
});

describe.skipIf(!hasOpenssl)('files that cannot be used', () => {
  it.each([
    ['a key of another certificate', { key: 'other.key' }, 'is not the key of'],
    ['a file that is not there', { key: 'nowhere.key' }, 'tls.key: '],
    ['a key where a certificate should be', { cert: 'good.key' }, 'tls.cert: '],
    ['a certificate where a key should be', { key: 'good.crt' }, 'tls.key: '],
    ['an authority that is none', { clientCa: 'good.key' }, 'tls.clientCa: '],
  ])('stop the start, and are named: %s', async (_, wrong, said) => {
    if (certificates === null) return;
    const { certFile, keyFile } = certificates.issue('good');
    certificates.issue('other');
    const at = (name: string) => join(dirname(certFile), name);
    const places = Object.entries(wrong).map(([setting, name]) => [setting, at(name)]);
    const paths = { cert: certFile, key: keyFile, clientCa: null, ...Object.fromEntries(places) };
    const failure = openCertificate(paths, pino({ enabled: false }));
    await expect(failure).rejects.toMatchObject({ code: 'bad_certificate' });
    await expect(failure).rejects.toThrow(said);
  });
});
