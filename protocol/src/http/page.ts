import Type from 'typebox';
import { nullable } from '../combinators.js';
import type { DeepReadonly } from '../deep-readonly.js';

/** Which part of a list is wanted: at most `limit` items, those after the page whose `next` is `cursor`. */
export const PageQuery = Type.Object(
  {
    limit: Type.Integer({ minimum: 1, maximum: 1000, default: 100 }),
    cursor: Type.Optional(Type.String({ maxLength: 512, description: '`next` of the page before.' })),
  },
  { additionalProperties: false },
);
export type PageQuery = DeepReadonly<Type.Static<typeof PageQuery>>;

/** Part of a list, and how to ask for the part after it. */
export interface Page<Item> {
  readonly items: readonly Item[];
  /** Opaque; null at the end. */
  readonly next: string | null;
}

/** The schema of a {@link Page}: `{"items":[…],"next":"…"|null}`. */
export function pageOf<Item extends Type.TSchema>(item: Item) {
  return Type.Unsafe<Page<DeepReadonly<Type.Static<Item>>>>(
    Type.Object({
      items: Type.Array(item),
      next: nullable(Type.String({ description: 'The `cursor` of the next page.' })),
    }),
  );
}
