import { describe, expect, it } from 'vitest';
import type { BrokerUnderTest } from '../kit/embedded-broker.js';
import { type RawLogIn, RawMqtt } from '../kit/raw-mqtt.js';
import { codeOf, hub, logIn, open, PREFIX, payloads, say, startOwn } from '../kit/shared-broker.js';

/** Where a short CONNECT has its flags: a user name and a password, here, and no clean session. */
const CONNECT_FLAGS = 9;

describe('logging in', () => {
  it('takes a device with its token, and an API token under any name', async () => {
    expect(await codeOf(hub.device('in-1'))).toBe(0);
    for (const role of ['viewer', 'operator', 'admin'] as const)
      expect(await codeOf(hub.person(role))).toBe(0);
  });

  it('takes nobody else', async () => {
    const device = hub.device('in-2');
    const disabled = hub.device('in-3');
    hub.admitted.registry.update('in-3', { disabled: true });
    expect(await codeOf({})).toBe(4);
    expect(await codeOf({ username: 'in-2', password: 'wrong' })).toBe(4);
    expect(await codeOf({ ...device, username: 'in-1' })).toBe(4);
    expect(await codeOf({ ...hub.person('admin'), password: 'fla_wrong' })).toBe(4);
    expect(await codeOf(disabled)).toBe(5);
    expect(hub.devices.get('in-2')?.isOnline).toBe(false);
  });

  it('asks for a client identifier where a session is to be kept', async () => {
    const raw = await RawMqtt.open(hub.url);
    open.push(raw);
    expect(await raw.connect(hub.device('in-4'), (packet) => packet.writeUInt8(0xc0, CONNECT_FLAGS))).toBe(2);
    expect(await codeOf({ ...hub.device('in-4'), clientId: 'x'.repeat(257) })).toBe(2);
  });

  it('lets an address wait that fails too often, and no device that has its token', async () => {
    const own = await startOwn();
    const guess = (n: number) => codeOf({ username: 'x', password: `guess-${n}` }, own);
    for (let n = 0; n < 20; n++) expect(await guess(n)).toBe(4);
    expect(await guess(20)).toBe(3);
    expect(await codeOf(own.device('in-5'), own)).toBe(0);
    expect(await codeOf(own.person('viewer'), own)).toBe(0);
    // People choose it, and so it can be guessed.
    expect(await codeOf({ username: 'admin', password: own.admitted.adminToken }, own)).toBe(3);
    expect((await fetch(own.webSocketUrl.replace('ws', 'http'))).status).toBe(426);
  });

  it('is audited, and so are refusals and takeovers, however often they come', async () => {
    const own = await startOwn();
    const at = own;
    const device = at.device('in-7');
    const person = at.person('operator');
    for (let n = 0; n < 3; n++) {
      await logIn({ ...device, clientId: 'c' }, at);
      expect(await codeOf({ ...device, password: 'wrong' }, at)).toBe(4);
    }
    await logIn({ ...person, clientId: 'p' }, at);
    await logIn({ ...person, clientId: 'p' }, at);
    expect(await codeOf({ ...person, clientId: 'x'.repeat(257) }, at)).toBe(2);
    at.admitted.registry.update('in-7', { disabled: true });
    expect(await codeOf(device, at)).toBe(5);
    const told = at.audited().map(({ action, actor, subject, result }) => [action, actor, subject, result]);
    expect(told).toEqual([
      ['mqtt.connected', 'device:in-7', 'device:in-7', 'ok'],
      ['mqtt.refused', 'nobody', 'device:in-7', 'unauthorized'],
      ['device.taken_over', 'device:in-7', 'device:in-7', 'ok'],
      ['mqtt.connected', 'token:t1', 'token:t1', 'ok'],
      ['mqtt.taken_over', 'token:t1', 'token:t1', 'ok'],
      ['mqtt.refused', 'token:t1', 'token:t1', 'bad_client_id'],
      ['mqtt.refused', 'nobody', 'device:in-7', 'device_disabled'],
    ]);
    expect(at.audited().every(({ address }) => address === '127.0.0.1')).toBe(true);
    const refusals = at.logLines.filter((line) => line.includes('MQTT log-in refused'));
    expect(refusals).toHaveLength(3);
    expect(JSON.parse(refusals[0] ?? '')).toMatchObject({ device: 'in-7', code: 'unauthorized' });
  });

  it('tells of nobody what may be a secret, or is no id', async () => {
    const own = await startOwn();
    const at = own;
    const { password } = at.device('in-8');
    const admin = at.admitted.adminToken;
    const hostile = 'in-8\n{"level":"fatal"}';
    for (const username of [password, password.slice(0, -4), admin, hostile]) {
      expect(await codeOf({ username, password: 'x' }, at)).toBe(4);
    }
    const told = JSON.stringify([at.audited(), at.logLines, at.attempts.list()]);
    for (const secret of [password.slice(0, -4), admin, 'fatal']) expect(told).not.toContain(secret);
    expect(at.audited()).toMatchObject([{ action: 'mqtt.refused', subject: 'mqtt' }]);
  });

  it('closes connections that say nothing, and takes a bounded number of them', async () => {
    const own = await startOwn({
      FIELDLINE_DEVICE_HELLO_TIMEOUT_MS: '1000',
      FIELDLINE_DEVICE_UNAUTHENTICATED_PER_ADDRESS: '3',
    });
    const silent = [];
    for (let i = 0; i < 3; i++) silent.push(await RawMqtt.open(own.url));
    const fourth = await RawMqtt.open(own.url);
    await fourth.closed();
    await Promise.all(silent.map((raw) => raw.closed()));
    await logIn(own.device('in-6'), own);
  });
});

describe('client identifiers', () => {
  it('of two owners are two', async () => {
    const one = await logIn({ ...hub.device('id-1'), clientId: 'same', clean: false });
    const other = await logIn({ ...hub.device('id-2'), clientId: 'same', clean: false });
    const person = await logIn({ ...hub.person('viewer'), clientId: 'same', clean: false });
    await one.subscribe([`${PREFIX}/devices/id-1/#`]);
    for (const each of [one, other, person]) expect(await each.settled()).toBe(true);
    expect(await other.subscribe([`${PREFIX}/devices/id-2/#`])).toEqual([1]);
    await say('devices/id-1/telemetry', 'for one');
    await one.next('publish');
    await other.settled();
    expect(payloads(other)).toEqual([]);
  });

  it('may be odd', async () => {
    for (const clientId of ['__proto__', 'constructor', 'a/b/#', '💡', ' ']) {
      const raw = await logIn({ ...hub.device('id-3'), clientId, clean: false });
      expect(await raw.subscribe([`${PREFIX}/devices/id-3/#`])).toEqual([1]);
      raw.destroy();
    }
  });

  it('allow a device a bounded number of connections', async () => {
    const device = hub.device('id-4');
    for (let i = 0; i < 8; i++) await logIn({ ...device, clientId: `c${i}` });
    expect(await codeOf({ ...device, clientId: 'c8' })).toBe(3);
    expect(await codeOf({ ...device, clientId: 'c7' })).toBe(0);
  });
});

describe('revocation', () => {
  it.each<[string, (at: BrokerUnderTest) => { logIn: RawLogIn; revoke: () => void }]>([
    [
      'a device token',
      (at) => {
        const logIn = at.device('rev-1');
        return { logIn, revoke: () => at.admitted.deviceTokens.revoke('rev-1', logIn.tokenId) };
      },
    ],
    [
      'a device that is disabled',
      (at) => ({
        logIn: at.device('rev-2'),
        revoke: () => void at.admitted.registry.update('rev-2', { disabled: true }),
      }),
    ],
    [
      'a device that is deleted',
      (at) => ({ logIn: at.device('rev-3'), revoke: () => void at.admitted.registry.delete('rev-3') }),
    ],
    [
      'an API token',
      (at) => {
        const logIn = at.person('operator');
        return { logIn, revoke: () => at.admitted.apiTokens.revoke(logIn.tokenId) };
      },
    ],
    [
      'an API token that expires',
      (at) => ({ logIn: at.person('operator', Date.now() + 500), revoke: () => {} }),
    ],
  ])('closes the connections of %s', async (_what, make) => {
    const { logIn: credentials, revoke } = make(hub);
    const raw = await logIn({ ...credentials, clientId: 'x', clean: false });
    const bystander = await logIn(hub.person('viewer'));
    revoke();
    await raw.closed();
    expect(await codeOf(credentials)).toBeGreaterThan(3);
    expect(await bystander.settled()).toBe(true);
  });
});
