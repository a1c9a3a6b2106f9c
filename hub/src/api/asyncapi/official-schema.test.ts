import { createRequire } from 'node:module';
import { Ajv, type ValidateFunction } from 'ajv';
import { describe, expect, it } from 'vitest';
import { asyncApi } from './document.js';

// The schema that the AsyncAPI Initiative publishes; as JSON, since the package's index loads those of all versions.
const schema = createRequire(import.meta.url)('@asyncapi/specs/schemas/3.0.0.json') as object;

/**
 * Its parts refer to each other by `$id`, so none may be taken away. It brings draft 07 of JSON Schema along, which
 * Ajv must not have of its own then. Formats are not what is tested here.
 */
const validate: ValidateFunction = new Ajv({
  ...{ meta: false, validateSchema: false, strict: false, validateFormats: false },
}).compile(schema);

// biome-ignore lint/suspicious/noExplicitAny: it is taken apart and put together wrongly below
const fresh = (): any => structuredClone(asyncApi({ version: '1.2.3', topicPrefix: 'fieldline/v1' }));

describe('the official schema of AsyncAPI 3.0', () => {
  it('finds no fault with our document', () => {
    expect([validate(fresh()), validate.errors]).toEqual([true, null]);
  });

  // biome-ignore lint/suspicious/noExplicitAny: as above
  it.each<[string, (document: any) => void]>([
    ['a version that does not exist', (document) => (document.asyncapi = '3.9.0')],
    ['no title', (document) => delete document.info.title],
    ['a server without a host', (document) => delete document.servers.hub.host],
    ['a channel with an unknown key', (document) => (first(document.channels).topic = 'x')],
    ['an operation that shouts', (document) => (first(document.operations).action = 'shout')],
    ['an operation without a channel', (document) => delete first(document.operations).channel],
    ['a message whose payload is a number', (document) => (first(document.components.messages).payload = 7)],
    ['a scheme of no known kind', (document) => (first(document.components.securitySchemes).type = 'magic')],
  ])('finds %s', (_, spoil) => {
    const document = fresh();
    spoil(document);
    expect(validate(document)).toBe(false);
  });
});

// biome-ignore lint/suspicious/noExplicitAny: as above
function first(map: Record<string, any>): any {
  return Object.values(map)[0];
}
