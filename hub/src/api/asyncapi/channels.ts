import { SUBPROTOCOL_CBOR, SUBPROTOCOL_JSON, type Topics } from '@fieldline/protocol';
import type { MessageName } from './messages.js';

/** A socket or a topic, as the hub sees it. */
export interface DescribedChannel {
  readonly address: string;
  readonly server: 'hub' | 'broker';
  readonly description: string;
  readonly receives?: readonly MessageName[];
  readonly sends?: readonly MessageName[];
  /** Who may speak there, by the names of the security schemes. */
  readonly security: readonly SchemeName[];
  readonly parameters?: Readonly<Record<string, string>>;
  readonly isRetained?: boolean;
  /** Subprotocols of a WebSocket. */
  readonly subprotocols?: readonly string[];
}

export type SchemeName = 'apiToken' | 'session' | 'ticket' | 'deviceToken' | 'deviceBasic' | 'mqttUser';

const DEVICE = { device: 'Id of the device' };
const TO_DEVICE = [
  'welcome',
  'reject',
  'window',
  'command',
  'configDesired',
  'timeAnswer',
  'deviceError',
  'bye',
] as const;
const FROM_DEVICE = ['hello', 'result', 'configReport', 'logLine', 'timeRequest'] as const;

/** The sockets (protocol §1, §2) and the topics (§4). */
export function channels(topics: Topics): Readonly<Record<string, DescribedChannel>> {
  const device = '{device}';
  const mqtt = { server: 'broker', security: ['mqttUser'] } as const;
  const ofDevice = { ...mqtt, parameters: DEVICE };
  return {
    deviceSocket: {
      address: '/ws/v1/device',
      server: 'hub',
      description: `A device. Text frames of JSON, or, where \`${SUBPROTOCOL_CBOR}\` is agreed on, binary frames of CBOR (RFC 8949) with the same maps. Without an \`Authorization\`, the first message is a \`hello\` with \`token\`.`,
      receives: ['reading', 'telemetry', ...FROM_DEVICE],
      sends: ['ack', ...TO_DEVICE],
      security: ['deviceToken', 'deviceBasic'],
      subprotocols: [SUBPROTOCOL_JSON, SUBPROTOCOL_CBOR],
    },
    viewerSocket: {
      address: '/ws/v1/live',
      server: 'hub',
      description: 'A viewer: what happens, as it happens. Needs the role viewer; `raw` needs operator.',
      receives: ['subscribe', 'unsubscribe'],
      sends: [
        'snapshot',
        'update',
        'statusChange',
        'commandChange',
        'alarmChange',
        'liveLog',
        'rawFrame',
        'lag',
        'viewerError',
      ],
      security: ['apiToken', 'session', 'ticket'],
      subprotocols: [SUBPROTOCOL_JSON],
    },
    hubStatus: {
      ...mqtt,
      address: topics.hubStatus,
      description: 'The hub comes and goes.',
      sends: ['hubStatus'],
      isRetained: true,
    },
    deviceStatus: {
      ...ofDevice,
      address: topics.status(device),
      description: 'A device comes and goes.',
      sends: ['deviceStatus'],
      isRetained: true,
    },
    deviceTelemetry: {
      ...ofDevice,
      address: topics.telemetry(device),
      description: 'Every reading, at least once, in order for each device.',
      sends: ['publishedReading'],
    },
    deviceState: {
      ...ofDevice,
      address: topics.state(device),
      description: 'The latest values, merged.',
      sends: ['deviceState'],
      isRetained: true,
    },
    deviceCommand: {
      ...ofDevice,
      address: topics.command(device, '{name}'),
      description:
        'Gives a command; a retained one is refused. Needs the role operator, or `mqtt.commands` with an external broker.',
      receives: ['commandParams'],
      parameters: { ...DEVICE, name: 'Name of the command' },
    },
    commandResult: {
      ...ofDevice,
      address: topics.result(device, '{commandId}'),
      description: 'A command has ended; once more where the answer came late.',
      sends: ['commandEnd'],
      parameters: { ...DEVICE, commandId: 'Id of the command' },
    },
    deviceConfig: {
      ...ofDevice,
      address: topics.config(device),
      description: 'What the device says that it runs.',
      sends: ['configReported'],
      isRetained: true,
    },
    deviceAlarm: {
      ...ofDevice,
      address: topics.alarm(device),
      description:
        'Every change of every alarm, at least once; also of those that were over before the hub heard of them.',
      sends: ['publishedAlarm'],
    },
    deviceConfigSet: {
      ...ofDevice,
      address: topics.configSet(device),
      description: 'What the device shall run. Needs what a command needs.',
      receives: ['configSet'],
    },
    ingest: {
      ...ofDevice,
      address: topics.ingest(device),
      description: 'Telemetry of a device that speaks MQTT only.',
      receives: ['ingest'],
    },
    deviceUp: {
      ...ofDevice,
      address: topics.up(device),
      description: 'Any other message of a device that speaks MQTT only.',
      receives: [...FROM_DEVICE],
    },
    deviceDown: {
      ...ofDevice,
      address: topics.down(device),
      description: 'What the device socket would say to it.',
      sends: ['ack', ...TO_DEVICE],
    },
  };
}
