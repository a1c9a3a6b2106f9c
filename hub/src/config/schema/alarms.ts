import Type from 'typebox';
import { choice, integer, list, optionalText, optionalUrl, text, toggle } from '../setting.js';

/** Which channels tell of alarms, and how long alarms are kept. */
export const alarmSettings = Type.Object({
  retentionDays: integer({
    default: 90,
    minimum: 1,
    maximum: 36_500,
    description: 'Days for which alarms that are over are kept.',
  }),
  keep: integer({
    default: 100_000,
    minimum: 100,
    maximum: 10_000_000,
    description: 'Alarms that are over and kept, at the most.',
  }),
  perMinute: integer({
    default: 10,
    minimum: 1,
    maximum: 600,
    description:
      'Messages that each of webhook and e-mail gets a minute; what is more comes together as one.',
  }),
  webhook: Type.Object({
    url: optionalUrl({
      schemes: ['http', 'https'],
      description: 'Where alarms are posted to. Redirects are not followed.',
    }),
    secret: optionalText({
      description: 'Signs what is posted, as Standard Webhooks says: a text, or whsec_ and base64.',
      secret: true,
    }),
    authorization: optionalText({
      description: 'The Authorization header of what is posted, such as "Bearer …".',
      secret: true,
      pattern: '^[\\x20-\\x7e]+$',
      allowed: 'a text of printable ASCII characters',
    }),
  }),
  email: Type.Object({
    host: optionalText({ description: 'SMTP server by which alarms are sent.' }),
    port: integer({ default: 587, minimum: 1, maximum: 65_535, description: 'Its port.' }),
    tls: choice(['starttls', 'always', 'opportunistic', 'off'], {
      default: 'starttls',
      description:
        'starttls: the connection must be secured before anything is said. always: from its beginning (port 465). ' +
        'opportunistic: where the server can. off: never.',
    }),
    user: optionalText({ description: 'User name for that server.' }),
    password: optionalText({ description: 'Password for that server.', secret: true }),
    from: text({
      default: 'Fieldline <fieldline@localhost>',
      description: 'The sender.',
      pattern: '^[^\\r\\n]*@[^\\r\\n]*$',
      allowed: 'an e-mail address, with a name or without',
    }),
    to: list({
      description: 'Who gets them.',
      items: '^[^\\s,]+@[^\\s,]+$',
      allowed: 'e-mail addresses',
    }),
  }),
  mqtt: toggle({ default: true, description: 'Publish alarms under …/devices/<id>/alarm.' }),
});
