import { connect } from 'node:net';
import { type Finding, fail, ok, skip } from '../finding.js';
import type { Scene } from '../scene.js';

const TIMEOUT_MS = 5_000;
const PORTS: Readonly<Record<string, number>> = { 'mqtt:': 1883, 'mqtts:': 8883, 'ws:': 80, 'wss:': 443 };

/** Whether the broker's port takes connections, as seen from here. */
export async function checkMqtt({ config, hub, data }: Scene): Promise<Finding[]> {
  if (config.mqtt.url !== null) {
    const { hostname, port, protocol } = new URL(config.mqtt.url);
    const reason = await refusal(hostname.replace(/^\[|\]$/g, ''), Number(port) || (PORTS[protocol] ?? 1883));
    if (reason === null) return [ok('mqtt', `${hostname} takes connections`)];
    const remedy = 'Start the broker, or correct mqtt.url; devices that speak MQTT cannot send until then.';
    return [
      fail('mqtt', 'broker_away', `the broker at ${hostname} does not take connections: ${reason}`, remedy),
    ];
  }
  const own = hub.isThere ? (hub.told?.connection.mqtt ?? null) : null;
  if (own === null || data === null) return [skip('mqtt', 'no broker that is seen from here')];
  const reason = await refusal('127.0.0.1', own.port);
  if (reason === null) return [ok('mqtt', `the hub's own broker, port ${own.port}`)];
  const remedy =
    'It listens where the hub does (host); see its log for whether the port was taken (mqtt.port).';
  return [fail('mqtt', 'broker_silent', `the hub's own broker does not take connections: ${reason}`, remedy)];
}

/** Why a connection is not possible; null when it is. */
function refusal(host: string, port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: TIMEOUT_MS });
    const end = (reason: string | null) => {
      socket.destroy();
      resolve(reason);
    };
    socket.once('connect', () => end(null));
    socket.once('timeout', () => end(`no answer within ${TIMEOUT_MS / 1_000} s`));
    socket.once('error', (error) => end(error.message));
  });
}
