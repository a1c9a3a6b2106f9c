import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify';
import { expect } from 'vitest';

interface Operation {
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: unknown }>> }>
  >;
}

export interface Description {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

/** The OpenAPI document, as it is sent. */
export function description(app: FastifyInstance): Description {
  return JSON.parse(JSON.stringify(app.swagger())) as Description;
}

/**
 * Sends a request and checks that the answer is as the OpenAPI document says it: its status is listed, its type
 * too, and its body fits the schema without holding anything that the schema does not name.
 */
export async function call(app: FastifyInstance, request: InjectOptions): Promise<LightMyRequestResponse> {
  const response = await app.inject(request);
  const path = String(request.url).replace(/\?.*$/, '');
  checkDescribed(app, request.method ?? 'GET', path, response);
  return response;
}

function checkDescribed(
  app: FastifyInstance,
  method: string,
  path: string,
  response: LightMyRequestResponse,
): void {
  const { paths } = description(app);
  const what = `${method} ${path} ${response.statusCode}`;
  const pattern =
    path in paths ? path : (Object.keys(paths).find((candidate) => fits(candidate, path)) ?? '');
  const responses = paths[pattern]?.[method.toLowerCase()]?.responses;
  const status = responses?.[response.statusCode] === undefined ? 'default' : String(response.statusCode);
  const content = responses?.[status]?.content;
  if (response.statusCode === 204) return void expect(content, what).toBeUndefined();
  const type = String(response.headers['content-type']).replace(/;.*$/, '');
  if (responses !== undefined) expect(Object.keys(content ?? {}), what).toContain(type);
  if (!/[/+]json$/.test(type)) return;
  // Answers of no route of ours, such as 404 and 405, are problems all the same.
  const place = ['paths', pattern, method.toLowerCase(), 'responses', status, 'content', type, 'schema'];
  const validate = validator(app, responses === undefined ? ['components', 'schemas', 'Problem'] : place);
  validate(response.json());
  expect(validate.errors, what).toBeNull();
}

const validators = new WeakMap<FastifyInstance, Ajv2020>();

/** The check of the schema that stands at this place of the document. */
function validator(app: FastifyInstance, place: readonly string[]): ValidateFunction {
  const ajv = validators.get(app) ?? load(app);
  const pointer = place.map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1')));
  return ajv.compile({ $ref: `api#/${pointer.join('/')}` });
}

function load(app: FastifyInstance): Ajv2020 {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  formats.default(ajv);
  ajv.addFormat('text', true);
  ajv.addSchema({ ...closed(description(app)), $id: 'api' });
  validators.set(app, ajv);
  return ajv;
}

/** The same with every object closed that does not say otherwise: an answer must not tell more than it is to. */
function closed(document: Description): object {
  return JSON.parse(JSON.stringify(document), (_key, value) =>
    typeof value === 'object' && value !== null && 'properties' in value && 'type' in value
      ? { additionalProperties: false, ...value }
      : value,
  );
}

function fits(pattern: string, path: string): boolean {
  const wanted = pattern.split('/');
  const given = path.split('/');
  return (
    wanted.length === given.length && wanted.every((part, at) => part.startsWith('{') || part === given[at])
  );
}
