import { isIP } from 'node:net';
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
const HOUR_MS = 3_600_000;

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
  tls: Type.Object({
    cert: optionalText({
      description:
        "File with the hub's certificate (PEM), with those between it and its authority. With it the hub speaks " +
        'HTTPS and WSS only; renewed files are taken over while it runs.',
    }),
    key: optionalText({ description: 'File with the key (PEM, without a password) of that certificate.' }),
    clientCa: optionalText({
      description:
        'File with the certificates (PEM) that sign those of devices: a device may log in with one instead of a token.',
    }),
  }),
  proxy: Type.Object({
    trusted: list({
      description:
        "Addresses of the proxies whose X-Forwarded-For, -Proto and -Host are believed; nobody else's are.",
      items: '^\\S+$',
      allowed: 'IP addresses, networks such as 10.0.0.0/8, or loopback',
      check: checkTrusted,
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
      isBase: true,
      description:
        'Address of an InfluxDB server. With it the history lives there, and DuckDB is not opened.',
    }),
    database: text({
      default: 'fieldline',
      description:
        'Database of the InfluxDB server (the bucket, where it is version 2); made where there is none.',
    }),
    username: optionalText({ description: 'User name for the InfluxDB server.' }),
    password: optionalText({ description: 'Password for the InfluxDB server.', secret: true }),
    token: optionalText({
      description: 'Token for the InfluxDB server. It counts before user name and password.',
      secret: true,
      // Else no header can carry it, and errors would show it.
      pattern: '^[\\x21-\\x7e]+$',
      allowed: 'a text of printable ASCII characters, without spaces',
    }),
    tags: list({
      description: 'Tags of the registry that are written to InfluxDB beside the device id.',
      items: '\\S',
      allowed: 'names of tags, not device and not time',
      check: (value) => {
        const taken = (value as readonly string[]).find((tag) => tag === 'device' || tag === 'time');
        return taken === undefined ? undefined : `${taken} cannot be the name of a tag`;
      },
    }),
    gzip: toggle({ default: false, description: 'Compress what is written to InfluxDB.' }),
    retentionDays: integer({
      default: 0,
      minimum: 0,
      maximum: 36_500,
      description:
        'Days for which InfluxDB keeps raw readings of profiles that do not state it themselves; 0 leaves its ' +
        'default retention policy as it is.',
    }),
    rollups: toggle({
      default: true,
      description:
        'Have InfluxDB 1.x keep means of minutes and hours by continuous queries, and read long ranges from them.',
    }),
    minuteDays: integer({
      default: 400,
      minimum: 0,
      maximum: 36_500,
      description: 'Days for which the means of minutes are kept; 0 for ever.',
    }),
    hourDays: integer({
      default: 0,
      minimum: 0,
      maximum: 36_500,
      description: 'Days for which the means of hours are kept; 0 for ever.',
    }),
    timeoutMs: ms({
      default: 10_000,
      minimum: 100,
      maximum: 600_000,
      description: 'How long any request to InfluxDB may take.',
    }),
  }),
  mqtt: Type.Object({
    url: optionalUrl({
      schemes: ['mqtt', 'mqtts', 'ws', 'wss'],
      description: 'Address of an MQTT broker. Without it the hub runs a broker of its own.',
    }),
    username: optionalText({ description: 'User name for that broker; it may stand in the URL, too.' }),
    password: optionalText({ description: 'Password for that broker.', secret: true }),
    caFile: optionalText({
      description:
        'File with the certificates (PEM) that sign the one of that broker, instead of the usual ones.',
    }),
    certFile: optionalText({ description: "File with the hub's certificate (PEM) for that broker." }),
    keyFile: optionalText({ description: 'File with the key (PEM) of that certificate.' }),
    clientId: text({
      default: 'fieldline-hub',
      description: 'What the hub calls itself there; each hub of one broker needs another name.',
      pattern: '^[A-Za-z0-9_-]{1,60}$',
      allowed: '1 to 60 letters, digits, _ and -',
    }),
    embedded: toggle({ default: true, description: 'Run a broker where mqtt.url names none.' }),
    port: optionalInteger({
      minimum: 0,
      maximum: 65_535,
      description:
        'Port of the embedded MQTT broker; 0 takes any free one. Without it 1883 (8883 with TLS), where that is free. ' +
        'Over WebSocket it is always there, at /mqtt.',
    }),
    tls: choice(['auto', 'off'], {
      default: 'auto',
      description:
        'auto: where tls.cert is set, the port of the embedded broker speaks TLS (mqtts), and is 8883 unless mqtt.port ' +
        'says otherwise. off: it never does.',
    }),
    prefix: text({
      default: 'fieldline/v1',
      description: 'What every MQTT topic starts with.',
      pattern: '^[^+#$/\\s][^+#\\s]*[^+#/\\s]$|^[^+#$/\\s]$',
      allowed: 'a topic without wildcards, spaces, a leading $ or slashes at its ends',
    }),
    commands: toggle({
      default: false,
      description:
        'Take commands and configurations for devices from an external MQTT broker: whoever may publish there gives them.',
    }),
  }),
  homeAssistant: Type.Object({
    discovery: toggle({
      default: false,
      description:
        'Tell Home Assistant over MQTT which devices there are, with units and classes from their profiles.',
    }),
    prefix: text({
      default: 'homeassistant',
      description: 'The topic under which Home Assistant looks for devices.',
      pattern: '^[A-Za-z0-9_-]{1,64}(/[A-Za-z0-9_-]{1,64}){0,4}$',
      allowed: 'a topic of letters, digits, _, - and /',
    }),
  }),
  session: Type.Object({
    idleMs: ms({
      default: 12 * HOUR_MS,
      minimum: 60_000,
      maximum: 366 * 24 * HOUR_MS,
      description: 'How long a log-in of the page lasts that is not used.',
    }),
    absoluteMs: ms({
      default: 30 * 24 * HOUR_MS,
      minimum: 60_000,
      maximum: 366 * 24 * HOUR_MS,
      description: 'How long a log-in of the page lasts at most.',
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

/** What proxy-addr understands, short of trusting everybody. */
function checkTrusted(value: unknown): string | undefined {
  const names = value as readonly string[];
  const wrong = names.find((name) => name !== 'loopback' && !isNetwork(name));
  return wrong === undefined ? undefined : `${JSON.stringify(wrong)} is no address and no network`;
}

function isNetwork(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/');
  const version = isIP(address);
  if (version === 0 || more.length > 0) return false;
  if (bits === undefined) return true;
  return /^\d{1,3}$/.test(bits) && Number(bits) >= 1 && Number(bits) <= (version === 4 ? 32 : 128);
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
