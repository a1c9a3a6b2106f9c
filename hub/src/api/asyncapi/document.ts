import { topics } from '@fieldline/protocol';
import { SESSION_COOKIE } from '../../access/session-cookie.js';
import { channels, type DescribedChannel, type SchemeName } from './channels.js';
import { type DescribedMessage, MESSAGES, type MessageName } from './messages.js';

const DESCRIPTION = `The sockets and MQTT topics, as the hub sees them: it receives what devices and viewers send. Times
are integer milliseconds since 1970. Fields that a client does not know are to be ignored: more may come. What is asked
for over HTTP is described by /api/v1/openapi.json.`;

const SECURITY_SCHEMES: Readonly<Record<SchemeName, object>> = {
  deviceToken: { type: 'http', scheme: 'bearer', description: "A device's token." },
  deviceBasic: { type: 'http', scheme: 'basic', description: 'The id of a device and its token.' },
  apiToken: { type: 'http', scheme: 'bearer', description: 'An API token.' },
  session: { type: 'httpApiKey', in: 'cookie', name: SESSION_COOKIE, description: 'The cookie of a log-in.' },
  ticket: {
    type: 'httpApiKey',
    in: 'query',
    name: 'ticket',
    description: 'A ticket of `POST /api/v1/tickets`: for one connection, within 30 s.',
  },
  mqttUser: {
    type: 'userPassword',
    description: 'Any user name and an API token as the password, or the id of a device and its token.',
  },
};

export interface AsyncApiOptions {
  /** Of the hub. */
  readonly version: string;
  /** What every MQTT topic starts with. */
  readonly topicPrefix: string;
}

/** The sockets and topics as an AsyncAPI 3.0 document, made of the schemas that the messages' types come from. */
export function asyncApi({ version, topicPrefix }: AsyncApiOptions): object {
  const described = Object.entries(channels(topics(topicPrefix)));
  return {
    asyncapi: '3.0.0',
    id: 'urn:fieldline:hub',
    info: {
      title: 'Fieldline',
      version,
      description: DESCRIPTION,
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    defaultContentType: 'application/json',
    servers: {
      hub: {
        host: '{host}',
        protocol: 'ws',
        description: 'The hub; `wss` where it, or the proxy before it, speaks TLS.',
        variables: { host: { default: '127.0.0.1:8080', description: 'Address and port of the hub' } },
      },
      broker: {
        host: '{broker}',
        protocol: 'mqtt',
        description:
          "The hub's own broker (MQTT 3.1.1; over WebSocket at `/mqtt`), or the one of `mqtt.url`.",
        variables: { broker: { default: '127.0.0.1:1883', description: 'Address and port of the broker' } },
      },
    },
    channels: Object.fromEntries(described.map(([name, channel]) => [name, channelOf(channel)])),
    operations: Object.fromEntries(described.flatMap(([name, channel]) => operationsOf(name, channel))),
    components: {
      messages: mapValues(MESSAGES, messageOf),
      schemas: mapValues(MESSAGES, ({ payload }) => payload),
      securitySchemes: SECURITY_SCHEMES,
    },
  };
}

function messageOf({ summary, examples }: DescribedMessage, name: string): object {
  return {
    name,
    summary,
    contentType: 'application/json',
    payload: { $ref: `#/components/schemas/${name}` },
    ...(examples && { examples: examples.map((payload) => ({ payload })) }),
  };
}

function channelOf({ address, server, description, receives = [], sends = [], ...rest }: DescribedChannel) {
  const { parameters, subprotocols } = rest;
  const names = [...receives, ...sends];
  return {
    address,
    description,
    servers: [{ $ref: `#/servers/${server}` }],
    messages: Object.fromEntries(names.map((name) => [name, { $ref: `#/components/messages/${name}` }])),
    ...(parameters && { parameters: mapValues(parameters, (description) => ({ description })) }),
    ...(subprotocols && { bindings: { ws: webSocketBinding(subprotocols) } }),
  };
}

function webSocketBinding(subprotocols: readonly string[]): object {
  const header = { type: 'string', enum: subprotocols, description: 'May be left out: then it is JSON.' };
  return {
    method: 'GET',
    headers: { type: 'object', properties: { 'Sec-WebSocket-Protocol': header } },
    bindingVersion: '0.1.0',
  };
}

function operationsOf(name: string, channel: DescribedChannel): (readonly [string, object])[] {
  const of = (action: 'receive' | 'send', messages: readonly MessageName[] = []) => {
    const operation = {
      action,
      channel: { $ref: `#/channels/${name}` },
      messages: messages.map((message) => ({ $ref: `#/channels/${name}/messages/${message}` })),
      security: channel.security.map((scheme) => ({ $ref: `#/components/securitySchemes/${scheme}` })),
      ...(channel.server === 'broker' && {
        bindings: { mqtt: { qos: 1, retain: channel.isRetained === true, bindingVersion: '0.2.0' } },
      }),
    };
    return messages.length === 0
      ? []
      : [[action + name.charAt(0).toUpperCase() + name.slice(1), operation] as const];
  };
  return [...of('receive', channel.receives), ...of('send', channel.sends)];
}

function mapValues<Value, Mapped>(
  values: Readonly<Record<string, Value>>,
  map: (value: Value, name: string) => Mapped,
): Record<string, Mapped> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, map(value, name)]));
}
