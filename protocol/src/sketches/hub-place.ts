import type { ConnectionView } from '../http/connection.js';
import type { MqttAddress } from './sketch.js';

/** The parts of a hub's base address that sketches need. */
export interface HubPlace {
  /** A name or an address, an IPv6 one without its brackets. */
  readonly host: string;
  readonly port: number;
  readonly secure: boolean;
}

/** @param hubUrl `http://host:port` or `https://host`; @throws TypeError when it is no URL */
export function placeOf(hubUrl: string): HubPlace {
  const { hostname, port, protocol } = new URL(hubUrl);
  const secure = protocol === 'https:';
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) || (secure ? 443 : 80), secure };
}

/** The device socket's address; with `as` it holds the credentials, as many WebSocket clients take them. */
export function deviceSocketUrl(
  hubUrl: string,
  as?: { readonly device: string; readonly token: string },
): string {
  const { host, port, secure } = placeOf(hubUrl);
  const login = as === undefined ? '' : `${encodeURIComponent(as.device)}:${encodeURIComponent(as.token)}@`;
  const written = host.includes(':') ? `[${host}]` : host;
  return `${secure ? 'wss' : 'ws'}://${login}${written}:${port}/ws/v1/device`;
}

/** True for an address that only this machine can reach, which no real device can use. */
export function isLoopbackUrl(hubUrl: string): boolean {
  const { hostname } = new URL(hubUrl);
  return hostname === 'localhost' || hostname === '[::1]' || /^127\./.test(hostname);
}

/** Where MQTT clients send; the hub's own broker is at the hub's address. */
export function mqttAddressOf(hubUrl: string, mqtt: ConnectionView['mqtt']): MqttAddress | null {
  return mqtt && { ...mqtt, host: mqtt.host ?? placeOf(hubUrl).host };
}
