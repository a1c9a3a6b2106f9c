import { parse } from 'node:querystring';
import { cutText, isText } from '@fieldline/protocol';
import { Ajv, type AnySchemaObject, type ErrorObject, type ValidateFunction } from 'ajv';
import type { FastifyInstance } from 'fastify';
import type { FastifySchemaValidationError } from 'fastify/types/schema.js';
import { ValidationError } from './problem.js';

type Fault = ValidationError['errors'][number];

/** How many bad parts one answer names. */
const MAX_ERRORS = 20;
/** How much of a name that somebody sent is sent back. */
const MAX_PATH_BYTES = 128;
/** How much of the names that there are is told. */
const MAX_NAMES_BYTES = 512;

/**
 * Checks requests against the routes' schemas. Bodies are taken as they are; only what is text by nature, the
 * path and the query, is converted to numbers and booleans. What the schema does not name is refused, so
 * that a misspelt option is not silently ignored.
 */
export function validateRequests(app: FastifyInstance): void {
  const options = { allErrors: true, strict: true, allowUnionTypes: true } as const;
  const typed = new Ajv(options);
  // With its schema, a fault of a query can say what there is instead.
  const text = new Ajv({ ...options, coerceTypes: true, useDefaults: true, verbose: true });
  // Counted in bytes of UTF-8, which `maxLength` cannot.
  for (const ajv of [typed, text]) ajv.addFormat('text', (value: string) => isText(value));
  app.setValidatorCompiler<object>(({ schema, httpPart }) =>
    compiledWhenUsed(() => (httpPart === 'body' ? typed : text).compile(schema)),
  );
  app.setSchemaErrorFormatter(
    (errors, part) => new ValidationError(faultsOf(errors, part).slice(0, MAX_ERRORS)),
  );
}

type Check = Pick<ValidateFunction, 'errors'> & ((value: unknown) => boolean);

/** To compile the schemas of all routes takes a third of a second of CPU, and a hub is asked for few of them soon after its start. */
function compiledWhenUsed(compile: () => ValidateFunction): Check {
  let validate: ValidateFunction | undefined;
  const check: Check = (value) => {
    validate ??= compile();
    const isValid = validate(value) === true;
    check.errors = validate.errors ?? null;
    return isValid;
  };
  return check;
}

/** Each fault once: where a schema offers several shapes, every one of them finds fault with the same part. */
function faultsOf(errors: readonly FastifySchemaValidationError[], part: string): Fault[] {
  const reasons = errors.filter(({ keyword }) => keyword !== 'anyOf');
  const faults = (reasons.length > 0 ? reasons : errors).map((error) => explain(error, part));
  const isSame = (a: Fault, b: Fault) => a.path === b.path && a.message === b.message;
  return faults.filter((fault, at) => faults.findIndex((other) => isSame(fault, other)) === at);
}

function explain(error: FastifySchemaValidationError | ErrorObject, part: string): Fault {
  const prefix = part === 'querystring' ? 'query' : part;
  const named = error.params.missingProperty ?? error.params.additionalProperty;
  const path = [prefix, ...error.instancePath.split('/').slice(1), ...(named === undefined ? [] : [named])];
  return { path: cutText(path.join('.'), MAX_PATH_BYTES), message: reason(error) };
}

function reason(error: FastifySchemaValidationError | ErrorObject): string {
  const { keyword, params, message } = error;
  if (keyword === 'required') return 'is missing';
  if (keyword === 'additionalProperties') {
    return `is not known here${'parentSchema' in error ? knownNames(error.parentSchema) : ''}`;
  }
  if (keyword === 'enum') return `must be one of ${(params.allowedValues as string[]).join(', ')}`;
  return message ?? 'is not valid';
}

function knownNames({ properties = {}, patternProperties = {} }: AnySchemaObject = {}): string {
  // Of a pattern such as `^tag\.[a-z]+$`, what every name begins with.
  const prefixes = Object.keys(patternProperties).map(
    (pattern) => /^\^((?:\w|\\\.)*)/.exec(pattern)?.[1] ?? '',
  );
  const names = [...Object.keys(properties), ...prefixes.map((prefix) => `${prefix.replaceAll('\\', '')}…`)];
  return names.length === 0 ? '' : `; known: ${cutText(names.join(', '), MAX_NAMES_BYTES)}`;
}

/** Reads a query string. A parameter that is empty counts as absent. */
export function parseQuery(text: string): Record<string, unknown> {
  return Object.fromEntries(Object.entries(parse(text)).filter(([, value]) => value !== ''));
}
