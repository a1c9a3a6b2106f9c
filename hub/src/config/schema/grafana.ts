import Type from 'typebox';
import { ms, optionalText, optionalUrl } from '../setting.js';

/** Where Grafana is for people, and readings for Grafana Live, which shows them without asking InfluxDB. */
export const grafanaSettings = Type.Object({
  url: optionalUrl({
    schemes: ['http', 'https'],
    isBase: true,
    description:
      'Address of Grafana as browsers reach it. With it the page of a device leads to its board there.',
  }),
  live: Type.Object({
    url: optionalUrl({
      schemes: ['http', 'https'],
      isBase: true,
      description: 'Address of a Grafana that readings are pushed to as they come (Grafana Live).',
    }),
    token: optionalText({
      description: 'Token of a service account of that Grafana, with the role Admin.',
      secret: true,
      pattern: '^[\\x21-\\x7e]+$',
      allowed: 'a text of printable ASCII characters, without spaces',
    }),
    periodMs: ms({
      default: 250,
      minimum: 50,
      maximum: 60_000,
      description: 'How often they are pushed; of each device its latest values.',
    }),
  }),
});
