import swagger from '@fastify/swagger';
import type { FastifyInstance, FastifySchema } from 'fastify';
import { SESSION_COOKIE } from '../access/session-cookie.js';
import type { RouteAccess } from './guard.js';
import { problems } from './problem.js';

const DESCRIPTION = `Errors are \`application/problem+json\` (RFC 9457) with a stable \`code\`. Times are integer
milliseconds since 1970. Lists are paged: pass \`next\` as \`cursor\` until it is \`null\`. Fields that a client does not
know are to be ignored: more may come.`;

const TAGS = [
  { name: 'session', description: 'Log in, log out' },
  { name: 'devices', description: 'The registry: devices, their tokens, what was refused, what they logged' },
  { name: 'telemetry', description: 'Reading back' },
  { name: 'ingest', description: 'Sending, for devices that speak HTTP' },
  { name: 'commands', description: 'Commands to devices, and what became of them' },
  { name: 'alarms', description: 'What is wrong, what was, and who has seen it' },
  { name: 'access', description: 'Users, and who did what' },
  { name: 'provisioning', description: 'Claim keys, by which new devices register themselves' },
  { name: 'profiles', description: 'Kinds of devices' },
  { name: 'live', description: 'The live socket' },
  { name: 'tokens', description: 'API tokens' },
  { name: 'operation', description: 'Health, readiness, metrics' },
];

const SECURITY_SCHEMES = {
  apiToken: { type: 'http', scheme: 'bearer', description: 'An API token.' },
  session: { type: 'apiKey', in: 'cookie', name: SESSION_COOKIE, description: 'The cookie of a log-in.' },
  deviceToken: { type: 'http', scheme: 'bearer', description: "A device's token." },
  deviceBasic: { type: 'http', scheme: 'basic', description: 'The id of a device and its token.' },
} as const;

/**
 * Describes the API as OpenAPI 3.1, from the routes' own schemas. Register it before the routes.
 * The document is what `GET /api/v1/openapi.json` answers.
 */
export async function describeApi(app: FastifyInstance, { version }: { version: string }): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Fieldline',
        version,
        description: DESCRIPTION,
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      tags: TAGS,
      components: { securitySchemes: SECURITY_SCHEMES },
    },
    convertConstToEnum: false,
    transform: ({ schema, url, route }) => ({ schema: withSecurity(schema, route.config?.access), url }),
    transformObject: (document) =>
      'openapiObject' in document ? withComponents(document.openapiObject) : {},
  });

  app.get(
    '/api/v1/openapi.json',
    {
      config: { access: 'public' },
      schema: {
        operationId: 'describeApi',
        summary: 'This description',
        tags: ['operation'],
        response: {
          200: { description: 'OpenAPI 3.1', type: 'object', additionalProperties: true },
          ...problems({}),
        },
      },
    },
    async (_request, reply) => {
      reply.header('cache-control', 'no-cache');
      return app.swagger();
    },
  );
}

function withSecurity(schema: FastifySchema | undefined, access: RouteAccess | undefined): FastifySchema {
  if (access === 'public' || access === 'newcomer') return { ...schema, security: [] };
  if (access === 'device') return { ...schema, security: [{ deviceToken: [] }, { deviceBasic: [] }] };
  return { ...schema, security: [{ apiToken: [] }, { session: [] }], 'x-role': access } as FastifySchema;
}

/**
 * Moves every schema with a `title` into `components`, so that a client generator makes one type of it, and
 * writes tuples as JSON Schema 2020-12 does (`prefixItems`).
 */
function withComponents(document: object): object {
  const schemas: Record<string, unknown> = {};
  const visit = (node: unknown, isInfo = false): unknown => {
    if (Array.isArray(node)) return node.map((item) => visit(item));
    if (typeof node !== 'object' || node === null) return node;
    const copy: Record<string, unknown> = {};
    for (const [key, value] of Object.entries(node)) {
      copy[key] = key === 'example' || key === 'examples' ? value : visit(value, key === 'info');
    }
    // What has a default may be left out, whatever the checked request then holds.
    if (copy.in === 'query' && hasDefault(copy.schema)) copy.required = false;
    if (copy.description === 'Default Response') copy.description = 'Done';
    if (Array.isArray(copy.items)) {
      copy.prefixItems = copy.items;
      copy.items = false;
      delete copy.additionalItems;
    }
    if (isInfo || typeof copy.title !== 'string' || !isSchema(copy)) return copy;
    schemas[copy.title] ??= copy;
    return { $ref: `#/components/schemas/${copy.title}` };
  };
  const visited = visit(document) as { components?: object };
  return { ...visited, components: { ...visited.components, schemas } };
}

function isSchema(node: Record<string, unknown>): boolean {
  return 'type' in node || 'anyOf' in node;
}

function hasDefault(schema: unknown): boolean {
  return typeof schema === 'object' && schema !== null && 'default' in schema;
}
