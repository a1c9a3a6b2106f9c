import { shellWord } from './quote.js';
import type { SketchInput } from './sketch.js';

/** One reading over HTTP, answered when it is on disk. */
export function curl({ hubUrl, device, token, values }: SketchInput): string {
  return [
    `curl ${shellWord(`${hubUrl}/api/v1/ingest/${encodeURIComponent(device)}`)} \\`,
    `  -H ${shellWord(`Authorization: Bearer ${token}`)} -H 'Content-Type: application/json' \\`,
    `  -d ${shellWord(JSON.stringify({ values }))}`,
  ].join('\n');
}

/** One reading over MQTT. An external broker has users of its own; the hub's broker knows the device. */
export function mosquittoPub({ device, token, values, mqtt }: SketchInput): string {
  if (mqtt === null) return '# This hub has no MQTT broker: mqtt.url names one, mqtt.embedded makes it one.';
  const { host, port, secure, prefix, embedded } = mqtt;
  const [user, password] = embedded ? [device, token] : ['user', 'password'];
  const trust = secure ? ' --capath /etc/ssl/certs' : '';
  return [
    ...(embedded ? [] : ["# The user and the password are the broker's."]),
    `mosquitto_pub -h ${shellWord(host)} -p ${port}${trust} -u ${shellWord(user)} -P ${shellWord(password)} \\`,
    `  -q 1 -t ${shellWord(`${prefix}/ingest/${device}`)} \\`,
    `  -m ${shellWord(JSON.stringify({ values }))}`,
  ].join('\n');
}
