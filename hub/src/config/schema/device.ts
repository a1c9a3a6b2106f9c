import Type from 'typebox';
import { bytes, integer, ms, toggle } from '../setting.js';
import { KIB, MIB } from './sizes.js';

/** Limits and times of device sockets. */
export const deviceSettings = Type.Object({
  urlToken: toggle({
    default: false,
    description: 'Accept a device token as ?token= in the URL, where proxies may log it.',
  }),
  heartbeatMs: ms({
    default: 20_000,
    minimum: 100,
    maximum: 3_600_000,
    description: 'How often a device is pinged; one that is silent three times as long is dropped.',
  }),
  window: integer({
    default: 256,
    minimum: 1,
    maximum: 65_536,
    description: 'Unacknowledged messages that a device may have in flight.',
  }),
  ackDelayMs: ms({
    default: 25,
    minimum: 0,
    maximum: 1_000,
    description: 'How long acks of one connection are gathered under load.',
  }),
  rateBurst: integer({
    default: 1_000,
    minimum: 1,
    maximum: 10_000_000,
    description: 'Messages that one device may send at once beyond its rate limit.',
  }),
  frameBytes: bytes({
    default: 64 * KIB,
    minimum: KIB,
    maximum: 16 * MIB,
    description: 'Largest frame that is taken from a device.',
  }),
  metricsPerReading: integer({
    default: 64,
    minimum: 1,
    maximum: 4_096,
    description: 'Metrics in one reading.',
  }),
  rowsPerMessage: integer({
    default: 1_000,
    minimum: 1,
    maximum: 100_000,
    description: 'Readings in one telemetry message.',
  }),
  metricsPerDevice: integer({
    default: 256,
    minimum: 1,
    maximum: 65_536,
    description: 'Different metrics that one device may ever send.',
  }),
  unauthenticatedPerAddress: integer({
    default: 20,
    minimum: 1,
    maximum: 100_000,
    description:
      'Device sockets of one address (of IPv6: of one /64) that may be open before they have authenticated.',
  }),
  drainTimeoutMs: ms({
    default: 60_000,
    minimum: 100,
    maximum: 3_600_000,
    description: 'How long a device may leave its acks unread before it is disconnected.',
  }),
  helloTimeoutMs: ms({
    default: 5_000,
    minimum: 100,
    maximum: 600_000,
    description: 'How long a device without an Authorization header may take to send its hello.',
  }),
});
