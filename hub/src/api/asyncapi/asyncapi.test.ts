import type { Reading } from '@fieldline/journal';
import { parseTopic } from '@fieldline/protocol';
import { Ajv } from 'ajv';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hubStatus } from '../../mqtt/status-publisher.js';
import { telemetryPayload } from '../../sinks/mqtt/telemetry-payload.js';
import { type OpenApi, openApi } from '../api.fixture.js';
import { asyncApi } from './document.js';

interface Reference {
  readonly $ref: string;
}

interface Document {
  readonly asyncapi: string;
  readonly info: { readonly title: string; readonly version: string };
  readonly servers: Readonly<Record<string, { readonly host: string; readonly protocol: string }>>;
  readonly channels: Readonly<
    Record<
      string,
      {
        readonly address: string;
        readonly servers: readonly Reference[];
        readonly messages: Readonly<Record<string, Reference>>;
        readonly parameters?: Readonly<Record<string, object>>;
      }
    >
  >;
  readonly operations: Readonly<
    Record<
      string,
      {
        readonly action: string;
        readonly channel: Reference;
        readonly messages: readonly Reference[];
        readonly security: readonly Reference[];
      }
    >
  >;
  readonly components: {
    readonly messages: Readonly<
      Record<
        string,
        { readonly payload: Reference; readonly examples?: readonly { readonly payload: object }[] }
      >
    >;
    readonly schemas: Readonly<Record<string, object>>;
    readonly securitySchemes: Readonly<Record<string, { readonly type: string }>>;
  };
}

let api: OpenApi;
let document: Document;

beforeAll(async () => {
  api = await openApi();
  document = (await api.app.inject({ url: '/api/v1/asyncapi.json' })).json();
});
afterAll(() => api.close());

/** What a reference within the document leads to. */
function follow({ $ref }: Reference): unknown {
  const steps = $ref.replace('#/', '').split('/');
  return steps.reduce<unknown>(
    (node, step) => (node as Record<string, unknown> | undefined)?.[step],
    document,
  );
}

function references(node: unknown): Reference[] {
  if (typeof node !== 'object' || node === null) return [];
  if ('$ref' in node) return [node as Reference];
  return Object.values(node).flatMap(references);
}

const validator = (name: string) =>
  new Ajv({ strict: false }).compile(document.components.schemas[name] ?? false);

/** Keys that AsyncAPI 3.0 has for these objects; nothing else may stand there. */
const KEYS = {
  document: [
    'asyncapi',
    'id',
    'info',
    'servers',
    'defaultContentType',
    'channels',
    'operations',
    'components',
  ],
  channel: [
    'address',
    'messages',
    'title',
    'summary',
    'description',
    'servers',
    'parameters',
    'tags',
    'bindings',
  ],
  operation: [
    'action',
    'channel',
    'title',
    'summary',
    'description',
    'security',
    'tags',
    'bindings',
    'messages',
    'reply',
  ],
  message: [
    'headers',
    'payload',
    'contentType',
    'name',
    'title',
    'summary',
    'description',
    'tags',
    'bindings',
    'examples',
  ],
  server: [
    'host',
    'protocol',
    'protocolVersion',
    'pathname',
    'description',
    'variables',
    'security',
    'bindings',
  ],
  parameter: ['enum', 'default', 'description', 'examples', 'location'],
};

describe('the AsyncAPI document', () => {
  it('needs no log-in, is of version 3.0, and is linked from the page', async () => {
    expect(document).toMatchObject({ asyncapi: '3.0.0', info: { title: 'Fieldline' } });
    expect((await api.app.inject({ url: '/api/docs' })).body).toContain('href="/api/v1/asyncapi.json"');
  });

  it('has the form of AsyncAPI 3.0', () => {
    const check = (keys: readonly string[], objects: readonly object[]) => {
      expect(objects.length).toBeGreaterThan(0);
      for (const object of objects) for (const key of Object.keys(object)) expect(keys).toContain(key);
    };
    const { servers, channels, operations, components } = document;
    check(KEYS.document, [document]);
    check(KEYS.server, Object.values(servers));
    check(KEYS.channel, Object.values(channels));
    check(KEYS.operation, Object.values(operations));
    check(KEYS.message, Object.values(components.messages));
    check(
      KEYS.parameter,
      Object.values(channels).flatMap(({ parameters = {} }) => Object.values(parameters)),
    );
    const names = [channels, operations, components.messages, components.schemas].flatMap(Object.keys);
    for (const name of names) expect(name).toMatch(/^[a-z][A-Za-z]+$/);
    for (const { type } of Object.values(components.securitySchemes)) {
      expect(['http', 'httpApiKey', 'userPassword']).toContain(type);
    }
  });

  it('has no reference to nowhere, and uses each message and scheme', () => {
    const all = references(document);
    for (const reference of all) expect(follow(reference), reference.$ref).toBeTypeOf('object');
    const used = new Set(all.map(({ $ref }) => $ref));
    for (const part of ['messages', 'schemas', 'securitySchemes'] as const) {
      for (const name of Object.keys(document.components[part]))
        expect(used).toContain(`#/components/${part}/${name}`);
    }
  });

  it("says of each operation's messages that they are its channel's, and who may speak", () => {
    for (const operation of Object.values(document.operations)) {
      expect(['send', 'receive']).toContain(operation.action);
      expect(operation.messages.length).toBeGreaterThan(0);
      expect(operation.security.length).toBeGreaterThan(0);
      for (const { $ref } of operation.messages)
        expect($ref.startsWith(`${operation.channel.$ref}/messages/`)).toBe(true);
    }
    const channels = Object.values(document.operations).map(({ channel }) => channel.$ref);
    expect(new Set(channels).size).toBe(Object.keys(document.channels).length);
  });

  it('names a parameter for each brace of an address', () => {
    for (const { address, parameters = {} } of Object.values(document.channels)) {
      const braces = [...address.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      expect(Object.keys(parameters).sort()).toEqual(braces.sort());
    }
  });

  it('knows every topic, and the prefix that is set', () => {
    const { channels } = asyncApi({ version: '1.0.0', topicPrefix: 'site/a' }) as Document;
    const kinds = Object.values(channels)
      .filter(({ servers }) => servers[0]?.$ref === '#/servers/broker')
      .map(({ address }) => parseTopic(address.replaceAll(/\{(\w+)\}/g, 'x1'), 'site/a')?.kind);
    const known = [
      'hub_status',
      'status',
      'telemetry',
      'state',
      'config',
      'config_set',
      'ingest',
      'down',
      'up',
      'alarm',
    ];
    expect(kinds.sort()).toEqual([...known, 'command', 'result'].sort());
  });

  it('has schemas that its examples fit, and that refuse what is something else', () => {
    for (const [name, { examples = [] }] of Object.entries(document.components.messages)) {
      const validate = validator(name);
      for (const { payload } of examples)
        expect([validate(payload), validate.errors], name).toEqual([true, null]);
    }
    expect(validator('hubStatus')(JSON.parse(hubStatus(true, 1)))).toBe(true);
    const times = { time: 1_767_225_600_000_123, receivedAt: 1_767_225_600_000_123, flags: 0 };
    const reading: Reading = { ...times, device: 'd1', boot: 'b1', seq: 7, values: { a: 1 } };
    expect(validator('publishedReading')(JSON.parse(telemetryPayload(reading)))).toBe(true);
    expect(validator('ack')({ type: 'ack', boot: 'b1', seq: 0 })).toBe(false);
    expect(validator('telemetry')({ type: 'telemetry', seq: 1 })).toBe(false);
    expect(validator('hubStatus')({ online: 'yes', time: 1 })).toBe(false);
  });
});
