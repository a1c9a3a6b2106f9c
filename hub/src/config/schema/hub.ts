import { choice, integer, list, optionalText, text } from '../setting.js';

/** Visible ASCII only: it has to fit into an `Authorization` header. */
const TOKEN_PATTERN = '^[\\x21-\\x7e]{8,512}$';

/** What stands at the top of the file, without a section: where the hub is, and how strict. */
export const hubSettings = {
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
};

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
