import { isCommandId, isCommandName, isDeviceId } from './names.js';

/** The prefix of all topics unless the configuration says otherwise. */
export const DEFAULT_TOPIC_PREFIX = 'fieldline/v1';

/** Builds the topics of protocol §4. Ids and names must be valid: they are not checked again here. */
export interface Topics {
  readonly prefix: string;
  readonly hubStatus: string;
  status(device: string): string;
  telemetry(device: string): string;
  state(device: string): string;
  command(device: string, name: string): string;
  result(device: string, commandId: string): string;
  config(device: string): string;
  configSet(device: string): string;
  ingest(device: string): string;
  down(device: string): string;
  up(device: string): string;
  alarm(device: string): string;
}

/** What a topic is about. */
export type Topic =
  | { readonly kind: 'hub_status' }
  | {
      readonly kind:
        | 'status'
        | 'telemetry'
        | 'state'
        | 'config'
        | 'config_set'
        | 'ingest'
        | 'down'
        | 'up'
        | 'alarm';
      readonly device: string;
    }
  | { readonly kind: 'command'; readonly device: string; readonly name: string }
  | { readonly kind: 'result'; readonly device: string; readonly commandId: string };

/** The topics under a prefix, such as `fieldline/v1`. */
export function topics(prefix: string = DEFAULT_TOPIC_PREFIX): Topics {
  const of = (device: string, rest: string) => `${prefix}/devices/${device}/${rest}`;
  return {
    prefix,
    hubStatus: `${prefix}/hub/status`,
    status: (device) => of(device, 'status'),
    telemetry: (device) => of(device, 'telemetry'),
    state: (device) => of(device, 'state'),
    command: (device, name) => of(device, `command/${name}`),
    result: (device, commandId) => of(device, `result/${commandId}`),
    config: (device) => of(device, 'config'),
    configSet: (device) => of(device, 'config/set'),
    ingest: (device) => `${prefix}/ingest/${device}`,
    down: (device) => of(device, 'down'),
    up: (device) => of(device, 'up'),
    alarm: (device) => of(device, 'alarm'),
  };
}

/** What a topic under `prefix` is about; undefined for any other, and for ids or names that are not valid. */
export function parseTopic(topic: string, prefix: string = DEFAULT_TOPIC_PREFIX): Topic | undefined {
  if (!topic.startsWith(`${prefix}/`)) return undefined;
  const levels = topic.slice(prefix.length + 1).split('/');
  const [root, device, kind, detail] = levels;
  if (root === 'hub') return levels.length === 2 && device === 'status' ? { kind: 'hub_status' } : undefined;
  if (!isDeviceId(device)) return undefined;
  if (root === 'ingest') return levels.length === 2 ? { kind: 'ingest', device } : undefined;
  if (root !== 'devices') return undefined;
  if (levels.length === 3) return deviceTopic(device, kind);
  return levels.length === 4 ? detailedTopic(device, kind, detail) : undefined;
}

function deviceTopic(device: string, kind: string | undefined): Topic | undefined {
  switch (kind) {
    case 'status':
    case 'telemetry':
    case 'state':
    case 'config':
    case 'down':
    case 'up':
    case 'alarm':
      return { kind, device };
    default:
      return undefined;
  }
}

function detailedTopic(
  device: string,
  kind: string | undefined,
  detail: string | undefined,
): Topic | undefined {
  if (kind === 'command' && isCommandName(detail)) return { kind, device, name: detail };
  if (kind === 'result' && isCommandId(detail)) return { kind, device, commandId: detail };
  if (kind === 'config' && detail === 'set') return { kind: 'config_set', device };
  return undefined;
}
