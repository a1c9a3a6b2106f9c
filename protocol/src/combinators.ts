import Type from 'typebox';

/** Schemas made of others. What they say is plain JSON Schema; the types are what TypeBox cannot infer itself. */

/** What the schema describes, or `null`. */
export function nullable<Schema extends Type.TSchema>(schema: Schema) {
  return Type.Union([schema, Type.Null()]);
}

/** One of a few words. `options` are further keywords of the schema, such as `title`. */
export function choice<const Word extends string>(words: readonly Word[], options: object = {}) {
  return Type.Unsafe<Word>({ type: 'string', enum: [...words], ...options });
}

/** An object with names of its own choice, whose values are all of one schema. */
export function mapOf<Schema extends Type.TSchema>(schema: Schema, options: object = {}) {
  return Type.Unsafe<Record<string, Type.Static<Schema>>>({
    type: 'object',
    additionalProperties: schema,
    ...options,
  });
}
