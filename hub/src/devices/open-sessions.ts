import type { FastifyBaseLogger } from 'fastify';
import type { DeviceTokens } from '../access/device-tokens.js';
import type { RepeatedDeeds } from '../access/repeated-deeds.js';
import type { Commands } from '../commands/commands.js';
import type { Config } from '../config.js';
import type { OpenIntake } from '../ingest/open-intake.js';
import type { Counters } from '../ops/counters.js';
import type { DeviceLog } from '../state/device-log.js';
import { AckQueue } from './ack-queue.js';
import type { Configs } from './configs.js';
import type { Device } from './device.js';
import type { Devices } from './devices.js';
import type { Presence } from './presence.js';
import type { LiveFeed, SessionContext } from './session-context.js';
import { Sessions } from './sessions.js';

export interface OpenSessionsOptions {
  readonly config: Config;
  readonly log: FastifyBaseLogger;
  readonly intake: OpenIntake;
  /** Whether telemetry can be made durable at the moment. */
  readonly canWrite: () => boolean;
  readonly devices: Devices;
  readonly deviceTokens: DeviceTokens;
  readonly presence: Presence;
  readonly commands: Commands;
  readonly configs: Configs;
  readonly live: LiveFeed;
  readonly deviceLog: DeviceLog;
  readonly counters: Counters;
  /** For the audit of takeovers. */
  readonly repeated: RepeatedDeeds;
  readonly touch: (device: Device) => void;
  readonly now: () => number;
}

export interface OpenSessions {
  readonly sessions: Sessions;
  /** What device sockets share; what devices say over MQTT goes the same ways. */
  readonly context: SessionContext;
}

/** Builds the connections of devices, and ends those of devices that may not connect any more. */
export function openSessions(options: OpenSessionsOptions): OpenSessions {
  const { config, log, intake, devices, commands, presence, repeated } = options;
  const { ingest, commit, flow, load, refuseFrame } = intake;
  const context: SessionContext = {
    ...{ config, ingest, commit, flow, commands, presence, log, refuseFrame },
    acks: new AckQueue(load, config.device.ackDelayMs),
    canWrite: options.canWrite,
    counters: options.counters,
    live: options.live,
    configs: options.configs,
    deviceLog: options.deviceLog,
    now: options.now,
    touch: options.touch,
    onTakeover: ({ id }, from, to) => {
      const subject = `device:${id}`;
      repeated.note(`takeover ${id}`, {
        ...{ actor: subject, address: to, action: 'device.taken_over', subject, details: { from } },
      });
    },
    offerProfile: (device, profile) => {
      try {
        devices.offerProfile(device, profile);
      } catch (error) {
        // A full disk, say. The device is served without its profile; its next hello names it again.
        log.warn({ err: error, device: device.id }, 'a profile could not be kept');
      }
    },
  };
  const sessions = new Sessions(context);
  endBarred(sessions, options);
  return { sessions, context };
}

/** Ends the connection of a device that was disabled or deleted, or whose token was revoked, and what waits for it. */
function endBarred(sessions: Sessions, { devices, deviceTokens, commands, presence }: OpenSessionsOptions) {
  const message = 'this device was disabled or deleted, or its token was revoked';
  deviceTokens.onRevoked(({ device, tokenId }) => {
    const wasInUse = sessions.revoke((session) => session.tokenId === tokenId, message);
    // A device that goes on with another token, or with its certificate, keeps what waits for it.
    const goesOn = deviceTokens.list(device).length > 0 || (devices.get(device)?.session ?? null) !== null;
    if (wasInUse || !goesOn) commands.barred(device, 'revoked');
  });
  devices.onBarred((device, reason) => {
    if (reason === 'deleted') presence.forget(device);
    commands.barred(device.id, reason);
    sessions.revoke((session) => session.device === device, message);
  });
}
