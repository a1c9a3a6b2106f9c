import { DEVICE_ID_PATTERN, PROFILE_NAME_PATTERN } from '@fieldline/protocol';
import { FRAMINGS, WHEN_FULL } from './config.js';
import { address, bytes, choice, integer, text, toggle } from './setting.js';

/** Also the names of directories. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;
const USB_ID = /^[0-9A-Fa-f]{4}$/;
/** Goes into a header; what is issued looks like this, and much else is taken. */
const SECRET = /^[\x21-\x7e]{1,512}$/;
const FILE = { allowed: 'the path of a file' };

/** Of the whole bridge. */
export const BRIDGE_SETTINGS = {
  url: text(/^https?:\/\/[^\s/?#]+(?:\/[^\s?#]*)?$/, {
    description: 'Address of the hub.',
    allowed: 'a URL with http or https, without a query',
    default: 'http://127.0.0.1:8080',
  }),
  data: text(/\S/, {
    description:
      'Directory in which readings wait for the hub and claimed tokens are kept, a directory for each board.',
    allowed: 'the path of a directory',
    default: 'bridge-data',
  }),
  metrics: address({
    description:
      'Where `/metrics` and `/healthz` are served, over HTTP and without a log-in; nowhere by default.',
  }),
} as const;

/** Of what waits for the hub; the same for each board. */
export const QUEUE_SETTINGS = {
  maxBytes: bytes('64KiB', '1TiB', {
    description: 'What may wait on the disk, per board.',
    default: '256MiB',
  }),
  whenFull: choice(WHEN_FULL, {
    description:
      'At the limit the oldest readings are given up and counted, or new ones are not taken and not acknowledged.',
    default: 'drop_oldest',
  }),
} as const;

/** Of one board and its port. */
export const PORT_SETTINGS = {
  name: text(NAME, {
    description: "What logs and metrics call the board, and its directory. The device's id by default.",
    allowed: 'up to 64 letters, digits, - and _, the first no sign',
  }),
  path: text(/^\S+$/, {
    description:
      'The serial port: `/dev/ttyUSB0`, better a link in `/dev/serial/by-id/`, which follows the board.',
    allowed: 'a path without spaces',
  }),
  baud: integer(50, 4_000_000, { description: 'Bits a second.', default: '115200' }),
  framing: choice(FRAMINGS, {
    description: 'Lines of text, or COBS frames of CBOR.',
    default: 'lines',
  }),
  reset: toggle({
    description: 'Resets the board by DTR each time its port is opened.',
    default: 'false',
  }),
  maxLineBytes: integer(64, 16_384, {
    description:
      'Longest line or frame from the board, as it is on the line, in bytes. Longer ones are dropped.',
    default: '1024; 1040 with cobs',
  }),
  device: text(new RegExp(DEVICE_ID_PATTERN), {
    description: "The device's id at the hub.",
    allowed: 'a device id: up to 64 letters, digits, - and _',
  }),
  token: text(SECRET, { description: "The device's token.", allowed: 'a device token', secret: true }),
  tokenFile: text(/\S/, { description: 'A file that holds the token.', ...FILE }),
  claimKey: text(SECRET, {
    description: 'A claim key, in place of device and token: the board registers itself with it, once.',
    allowed: 'a claim key',
    secret: true,
  }),
  claimKeyFile: text(/\S/, { description: 'A file that holds the claim key.', ...FILE }),
  hardwareId: text(/^[A-Za-z0-9._:-]{1,64}$/, {
    description:
      'With a claim key: what names the board for good. By default its USB serial number, or a random one that is kept.',
    allowed: 'up to 64 letters, digits, ., _, : and -',
  }),
  profile: text(new RegExp(PROFILE_NAME_PATTERN), {
    description: 'Device profile; counts while the hub has none for the device, and the board names none.',
    allowed: "a profile's name",
  }),
} as const;

/** Which USB device a port belongs to, in place of its path. */
export const USB_SETTINGS = {
  vendor: text(USB_ID, {
    description: 'USB vendor id.',
    allowed: 'four hexadecimal digits in quotes, "2341"',
  }),
  product: text(USB_ID, {
    description: 'USB product id.',
    allowed: 'four hexadecimal digits in quotes, "0043"',
  }),
  serial: text(/^\S.{0,127}$/, {
    description: 'USB serial number; needed where several such devices may be plugged in.',
    allowed: 'a text in quotes',
  }),
} as const;

/** What was written, by key, of a table of settings. */
export type Written<Settings> = {
  [Key in keyof Settings]?: Settings[Key] extends { read(raw: unknown): infer T }
    ? Exclude<T, undefined>
    : never;
};

/** What a file or a command line said, each value right for itself. */
export interface WrittenConfig extends Written<typeof BRIDGE_SETTINGS> {
  readonly queue?: Written<typeof QUEUE_SETTINGS>;
  readonly ports: readonly WrittenPort[];
}

export interface WrittenPort extends Written<typeof PORT_SETTINGS> {
  readonly usb?: Written<typeof USB_SETTINGS>;
  /** Where it stands, for problems; and the path of its keys (`ports[0].`), empty for flags. */
  readonly where: string;
  readonly above: string;
}
