import Type from 'typebox';
import { sizeInBytes } from './read-value.js';
import {
  bytes,
  choice,
  integer,
  list,
  ms,
  optionalInteger,
  optionalText,
  optionalUrl,
  text,
  toggle,
} from './setting.js';

const KIB = 1024;
const MIB = 1024 * KIB;
const GIB = 1024 * MIB;
const TIB = 1024 * GIB;

/** Measured: 600,000 readings of 500 devices are written and sorted with 32 MB; with 16 MB DuckDB gives up. */
export const LEAST_DUCKDB_MEMORY = '32MB';

/** Visible ASCII only: it has to fit into an `Authorization` header. */
const TOKEN_PATTERN = '^[\\x21-\\x7e]{8,512}$';

/**
 * The whole configuration: the single source of types, defaults, names, limits and descriptions.
 * A key's path names it in the file (`journal.maxBytes`) and in the environment (`FIELDLINE_JOURNAL_MAX_BYTES`).
 */
export const configSchema = Type.Object({
  host: text({
    default: '127.0.0.1',
    description: 'Address to listen on; 0.0.0.0 or :: for all.',
    pattern: '^[A-Za-z0-9.:_%-]{1,253}$',
    allowed: 'an IP address or a host name, without scheme and port',
  }),
  port: integer({
    default: 8080,
    minimum: 0,
    maximum: 65_535,
    description: 'Port to listen on; 0 takes any free one.',
  }),
  data: text({
    default: './data',
    description: 'Directory of everything that lasts, relative to the working directory.',
  }),
  profiles: text({
    default: './profiles',
    description: 'Directory of the device profiles, relative to the working directory.',
  }),
  adminToken: optionalText({
    secret: true,
    description:
      'API token with the role admin. Without it one is made at the first start and kept in <data>/admin-token.',
    pattern: TOKEN_PATTERN,
    allowed: '8 to 512 visible ASCII characters without spaces',
  }),
  origins: list({
    description:
      'Origins that may use the page and the API from a browser; empty: loopback and the bound address.',
    items: '^https?://[^/?#\\s]+$',
    allowed: 'origins such as https://fieldline.example:8443, without a path',
    check: checkOrigins,
  }),
  logLevel: choice(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'], {
    default: 'info',
    description: 'The least severe log lines that are written.',
  }),
  rateLimit: integer({
    default: 100,
    minimum: 0,
    maximum: 1_000_000,
    description: 'Messages per second that one device may send in the long run; 0 for no limit.',
  }),
  device: Type.Object({
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
      description: 'Device sockets of one address that may be open before they have authenticated.',
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
  }),
  http: Type.Object({
    bodyBytes: bytes({
      default: MIB,
      minimum: KIB,
      maximum: GIB,
      description: 'Largest body of an HTTP request.',
    }),
  }),
  journal: Type.Object({
    maxBytes: bytes({
      default: 10 * GIB,
      minimum: MIB,
      maximum: 1024 * TIB,
      description: 'Largest size of the journal on disk; at least twice journal.segmentBytes.',
    }),
    segmentBytes: bytes({
      default: 64 * MIB,
      minimum: 64 * KIB,
      maximum: GIB,
      description: 'Size of one file of the journal.',
    }),
    minFreeBytes: bytes({
      default: 256 * MIB,
      minimum: 0,
      maximum: 1024 * TIB,
      description: 'Free space that the journal leaves on its disk.',
    }),
    commitDelayMs: ms({
      default: 5,
      minimum: 0,
      maximum: 1_000,
      description: 'How long messages are gathered for one sync.',
    }),
  }),
  duckdb: Type.Object({
    memory: text({
      default: '128MB',
      description: 'Memory that the embedded history may use.',
      pattern: '^[1-9][0-9]{0,5}(\\.[0-9]{1,3})?(KB|MB|GB|TB|KiB|MiB|GiB|TiB)$',
      allowed: `a size of at least ${LEAST_DUCKDB_MEMORY}, such as 256MB or 1GiB`,
      check: checkDuckDbMemory,
    }),
    retentionDays: integer({
      default: 0,
      minimum: 0,
      maximum: 36_500,
      description: 'Days that the embedded history keeps readings; 0 keeps them for ever.',
    }),
  }),
  influx: Type.Object({
    url: optionalUrl({
      schemes: ['http', 'https'],
      description: 'Address of an InfluxDB server.',
      unused: 'InfluxDB',
    }),
    database: text({
      default: 'fieldline',
      description: 'Database of the InfluxDB server.',
      unused: 'InfluxDB',
    }),
    username: optionalText({ description: 'User name for the InfluxDB server.', unused: 'InfluxDB' }),
    password: optionalText({
      description: 'Password for the InfluxDB server.',
      secret: true,
      unused: 'InfluxDB',
    }),
    token: optionalText({
      description: 'Token for the InfluxDB server.',
      secret: true,
      unused: 'InfluxDB',
    }),
    tags: list({
      description: 'Tags of the registry that are written to InfluxDB beside the device id.',
      items: '\\S',
      allowed: 'names of tags',
      unused: 'InfluxDB',
    }),
  }),
  mqtt: Type.Object({
    url: optionalUrl({
      schemes: ['mqtt', 'mqtts', 'ws', 'wss'],
      description: 'Address of an MQTT broker.',
      unused: 'MQTT',
    }),
    port: optionalInteger({
      minimum: 0,
      maximum: 65_535,
      description: 'Port of the embedded MQTT broker; 0 takes any free one.',
      unused: 'MQTT',
    }),
    prefix: text({
      default: 'fieldline/v1',
      description: 'What every MQTT topic starts with.',
      pattern: '^[^+#$/\\s][^+#\\s]*[^+#/\\s]$|^[^+#$/\\s]$',
      allowed: 'a topic without wildcards, spaces, a leading $ or slashes at its ends',
      unused: 'MQTT',
    }),
    commands: toggle({
      default: false,
      description: 'Take commands from an external MQTT broker.',
      unused: 'MQTT',
    }),
  }),
  metrics: Type.Object({
    public: toggle({ default: false, description: 'Serve GET /metrics without a token.' }),
  }),
  live: Type.Object({
    maxViewers: integer({
      default: 1_000,
      minimum: 1,
      maximum: 1_000_000,
      description: 'Viewer sockets that may be open at once.',
    }),
  }),
});

function checkDuckDbMemory(value: unknown): string | undefined {
  const isEnough = (sizeInBytes(value) ?? 0) >= (sizeInBytes(LEAST_DUCKDB_MEMORY) ?? 0);
  return isEnough ? undefined : `${value} is too little`;
}

/** A browser compares origins as the URL standard writes them: lower case, no default port. */
function checkOrigins(value: unknown): string | undefined {
  if (!Array.isArray(value)) return undefined;
  for (const origin of value) {
    const canonical = URL.canParse(origin) ? new URL(origin).origin : null;
    if (canonical === null) return `${JSON.stringify(origin)} is not an origin`;
    if (canonical !== origin) return `${JSON.stringify(origin)} is written ${canonical} by browsers`;
  }
  return undefined;
}
