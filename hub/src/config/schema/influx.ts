import Type from 'typebox';
import { integer, list, ms, optionalText, optionalUrl, text, toggle } from '../setting.js';

/** The InfluxDB server, where the history lives in one. */
export const influxSettings = Type.Object({
  url: optionalUrl({
    schemes: ['http', 'https'],
    isBase: true,
    description: 'Address of an InfluxDB server. With it the history lives there, and DuckDB is not opened.',
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
  reportMs: ms({
    default: 10_000,
    minimum: 0,
    maximum: 600_000,
    description:
      'How often it is written to InfluxDB how the hub, its sinks, devices and commands do, which is what Grafana ' +
      'shows of them: once a second at the most; 0 for never.',
  }),
  timeoutMs: ms({
    default: 10_000,
    minimum: 100,
    maximum: 600_000,
    description: 'How long any request to InfluxDB may take.',
  }),
});
