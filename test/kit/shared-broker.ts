import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { deadline } from './deadline.js';
import { BrokerUnderTest } from './embedded-broker.js';
import { type RawLogIn, RawMqtt } from './raw-mqtt.js';

export const PREFIX = 'fieldline/v1';

/** The broker that the tests of a file share; it says at each start that the hub is online. */
export let hub: BrokerUnderTest;
/** Connections of one test; they are ended after it. */
export const open: RawMqtt[] = [];

let own: BrokerUnderTest | null = null;

beforeAll(async () => {
  hub = await BrokerUnderTest.start({}, (broker) => {
    broker.onConnected(() => void say('hub/status', '{"online":true}', true, broker));
  });
});
afterAll(() => hub.close());
beforeEach(() => {
  hub.taken.length = 0;
  hub.changes.length = 0;
  hub.touched.length = 0;
  hub.holds = false;
});
afterEach(async () => {
  for (const raw of open.splice(0)) raw.destroy();
  await own?.close();
  own = null;
  await until(() => hub.broker.connections === 0, 'all connections to end');
});

/** A broker for this test alone, closed after it. */
export async function startOwn(
  ...options: Parameters<typeof BrokerUnderTest.start>
): Promise<BrokerUnderTest> {
  own = await BrokerUnderTest.start(...options);
  return own;
}

export async function until(isSo: () => boolean, what: string): Promise<void> {
  let isLate = false;
  const wait = async () => {
    while (!isSo() && !isLate) await new Promise((resolve) => setImmediate(resolve));
  };
  await deadline(wait(), () => what).finally(() => {
    isLate = true;
  });
}

export function say(topic: string, payload: string, retain = false, broker = hub.broker): Promise<void> {
  return broker.publish(`${PREFIX}/${topic}`, payload, { qos: 1, retain });
}

export async function logIn(logIn: RawLogIn, at = hub): Promise<RawMqtt> {
  const raw = await RawMqtt.logIn(at.url, logIn);
  open.push(raw);
  return raw;
}

/** @returns the code of the CONNACK, null for none */
export async function codeOf(logIn: RawLogIn, at = hub): Promise<number | null> {
  const raw = await RawMqtt.open(at.url);
  open.push(raw);
  return raw.connect(logIn);
}

export function payloads(raw: RawMqtt): string[] {
  return raw.packets.flatMap((packet) => (packet.cmd === 'publish' ? [packet.payload.toString()] : []));
}
