import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { BridgeConfig, Credential, PortConfig, PortMatch } from './config.js';
import type { ConfigProblem } from './config-error.js';
import { flagOf } from './read-flags.js';
import type { Setting } from './setting.js';
import {
  BRIDGE_SETTINGS,
  PORT_SETTINGS,
  QUEUE_SETTINGS,
  type WrittenConfig,
  type WrittenPort,
} from './settings.js';

const DEFAULT_LINE_BYTES = 1_024;
/** Of a frame with as much in it: its check, COBS, and the key of a map or two. */
const DEFAULT_FRAME_BYTES = 1_040;

interface Taken {
  readonly port: PortConfig;
  readonly written: WrittenPort;
}

/** The configuration of what was written: defaults put in, secrets read from their files, and all of it in agreement. */
export function assemble(written: WrittenConfig, problems: ConfigProblem[]): BridgeConfig {
  const taken = written.ports.flatMap((one): Taken[] => {
    const port = portOf(one, problems);
    return port === undefined ? [] : [{ port, written: one }];
  });
  checkUnique(taken, problems);
  return {
    url: (written.url ?? BRIDGE_SETTINGS.url.default ?? '').replace(/\/+$/, ''),
    data: written.data ?? BRIDGE_SETTINGS.data.default ?? '',
    queue: {
      maxBytes: written.queue?.maxBytes ?? defaultOf(QUEUE_SETTINGS.maxBytes),
      whenFull: written.queue?.whenFull ?? defaultOf(QUEUE_SETTINGS.whenFull),
    },
    metrics: written.metrics ?? null,
    ports: taken.map(({ port }) => port),
  };
}

function defaultOf<T>(setting: Setting<T>): T {
  return setting.read(setting.default) as T;
}

/** Undefined where something is wrong with it, which is told. */
function portOf(port: WrittenPort, problems: ConfigProblem[]): PortConfig | undefined {
  const tell = (key: string, reason: string, allowed?: string) => {
    problems.push({ ...placeOf(port, key), reason, ...(allowed === undefined ? {} : { allowed }) });
    return undefined;
  };
  const match = matchOf(port, tell);
  const credential = credentialOf(port, tell);
  if (match === undefined || credential === undefined) return undefined;
  const { framing = 'lines' } = port;
  return {
    name: port.name ?? ('device' in credential ? credential.device : nameOf(match)),
    match,
    baud: port.baud ?? defaultOf(PORT_SETTINGS.baud),
    framing,
    reset: port.reset ?? false,
    maxLineBytes: port.maxLineBytes ?? (framing === 'lines' ? DEFAULT_LINE_BYTES : DEFAULT_FRAME_BYTES),
    credential,
    profile: port.profile ?? null,
  };
}

type Tell = (key: string, reason: string, allowed?: string) => undefined;

function matchOf({ path, usb, above }: WrittenPort, tell: Tell): PortMatch | undefined {
  if (path !== undefined && usb !== undefined) return tell('usb', 'there is a path, too', 'one of the two');
  if (path !== undefined) return { path };
  if (usb?.vendor !== undefined && usb.product !== undefined) {
    const serial = usb.serial === undefined ? {} : { serialNumber: usb.serial };
    return { vendorId: usb.vendor, productId: usb.product, ...serial };
  }
  if (usb !== undefined) return tell('usb', 'vendor and product are both needed');
  return above === ''
    ? tell('path', 'is missing', 'the path of a serial port; fieldline-bridge list shows what is there')
    : tell('path', 'is missing', 'the path of a serial port, or usb with vendor and product');
}

const WAYS = ['token', 'tokenFile', 'claimKey', 'claimKeyFile'] as const;

function credentialOf(port: WrittenPort, tell: Tell): Credential | undefined {
  const given = WAYS.filter((way) => port[way] !== undefined);
  const [way, second] = given;
  if (way === undefined) {
    const where =
      port.above === '' ? ' (better in FIELDLINE_BRIDGE_TOKEN or FIELDLINE_BRIDGE_CLAIM_KEY)' : '';
    return tell('token', 'is missing', `one of ${WAYS.join(', ')}${where}`);
  }
  if (second !== undefined) return tell(second, `there is ${way}, too`, 'one of the two');
  const secret = way.endsWith('File') ? secretIn(port[way] ?? '', way, tell) : port[way];
  if (secret === undefined) return undefined;
  if (way.startsWith('claim')) {
    if (port.device !== undefined)
      return tell('device', 'with a claim key the hub says what the device is called');
    return { claimKey: secret, hardwareId: port.hardwareId ?? null };
  }
  if (port.hardwareId !== undefined) return tell('hardwareId', 'is of use with a claim key only');
  if (port.device === undefined) return tell('device', 'is missing', PORT_SETTINGS.device.allowed);
  return { device: port.device, token: secret };
}

/** What stands in a file, without the newline that editors put behind it. */
function secretIn(file: string, key: string, tell: Tell): string | undefined {
  try {
    const secret = PORT_SETTINGS.token.read(readFileSync(file, 'utf8').trim());
    return secret ?? tell(key, `${file} holds no single token or key`);
  } catch (error) {
    return tell(key, `cannot be read: ${(error as Error).message}`);
  }
}

/** For a board whose id is not known yet. */
function nameOf(match: PortMatch): string {
  const name = 'path' in match ? basename(match.path) : Object.values(match).join('-');
  return (
    name
      .replaceAll(/[^A-Za-z0-9_-]/g, '-')
      .replace(/^[-_]+/, '')
      .slice(0, 64) || 'board'
  );
}

function checkUnique(ports: readonly Taken[], problems: ConfigProblem[]): void {
  const keys: [key: string, of: (port: PortConfig) => string | undefined][] = [
    ['name', ({ name }) => name],
    ['path', ({ match }) => ('path' in match ? match.path : undefined)],
    ['device', ({ credential }) => ('device' in credential ? credential.device : undefined)],
  ];
  for (const [key, of] of keys) {
    const seen = new Set<string>();
    for (const { port, written } of ports) {
      const value = of(port);
      if (value === undefined) continue;
      const reason = `${JSON.stringify(value)} is another port's, too`;
      if (seen.has(value)) problems.push({ ...placeOf(written, key), reason });
      seen.add(value);
    }
  }
}

/** How a problem names a key of a port: by its path in the file, or as a flag. */
function placeOf({ above, where }: WrittenPort, key: string): Pick<ConfigProblem, 'key' | 'where'> {
  if (above === '') return { key: flagOf(key), where: flagOf(key) };
  return { key: `${above}${key}`, where };
}
